import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { reachResolver } from '../../src/network/dns/resolver-process.ts'
import { protocolVersion } from '../../src/resolver/protocol.ts'
import { kernelTest } from '../support/kernel.ts'

const main = join(import.meta.dirname, '../../src/main.ts')

/** Reaches a resolver where `dying` still listens. @param meanwhile  happens as soon as the first connection is asked for */
async function reachBeside(dying: Server, namespace: NetworkNamespace, meanwhile = () => {}): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'wharf-reach-'))
  const socketPath = join(dir, 'resolver.sock')
  try {
    await once(dying.listen(socketPath), 'listening')
    const place = { socketPath, command: [process.execPath, main, 'resolver'], hostNamespace: namespace }
    const reaching = reachResolver(place, AbortSignal.timeout(20_000))
    meanwhile()
    const { connection, hello } = await reaching
    assert.equal(hello.version, protocolVersion)
    await connection.request({ do: 'exit' })
    await connection.closed
  } finally {
    dying.close()
    rmSync(dir, { recursive: true })
  }
}

kernelTest(
  'reachResolver starts another resolver when one that dies still takes connections',
  async ({ namespace }) => {
    let calls = 0
    // As a process that was killed looks from outside until all of it is gone: it takes connections and never answers.
    const dying = createServer((socket) => {
      socket.destroy()
      if (++calls === 5) dying.close()
    })
    await reachBeside(dying, namespace)
    assert.equal(calls, 5)
  },
)

kernelTest(
  'reachResolver starts another resolver when one dies before it takes a connection that waits',
  async ({ namespace }) => {
    const dying = createServer()
    await reachBeside(dying, namespace, () => dying.close()) // the kernel answers ECONNRESET
  },
)
