import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { reachResolver } from '../../src/network/dns/resolver-process.ts'
import { protocolVersion } from '../../src/resolver/protocol.ts'
import { kernelTest } from '../support/kernel.ts'

const main = join(import.meta.dirname, '../../src/main.ts')

kernelTest(
  'reachResolver starts another resolver when one that dies still takes connections',
  async ({ namespace }) => {
    const dir = mkdtempSync(join(tmpdir(), 'wharf-reach-'))
    const socketPath = join(dir, 'resolver.sock')
    let calls = 0
    // As a process that was killed looks from outside until all of it is gone: it takes connections and never answers.
    const dying = createServer((socket) => {
      socket.destroy()
      if (++calls === 5) dying.close()
    })
    try {
      await once(dying.listen(socketPath), 'listening')
      const place = { socketPath, command: [process.execPath, main, 'resolver'], hostNamespace: namespace }
      const { connection, hello } = await reachResolver(place, AbortSignal.timeout(20_000))
      assert.deepEqual([calls, hello.version], [5, protocolVersion])
      await connection.request({ do: 'exit' })
      await connection.closed
    } finally {
      dying.close()
      rmSync(dir, { recursive: true })
    }
  },
)
