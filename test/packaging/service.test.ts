import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startDaemon } from '../support/daemon.ts'
import { dockerCli } from '../support/docker.ts'
import { eventually } from '../support/eventually.ts'
import { createHost } from '../support/host.ts'
import { importBusybox } from '../support/image.ts'
import { processesOf } from '../support/sweep.ts'

const main = join(import.meta.dirname, '../../src/main.ts')
const asService = join(import.meta.dirname, '../support/as-service.py')
const skip = process.getuid?.() === 0 ? false : 'needs root'

test('a service takes the sockets that it is handed, says when it is ready, and tells nobody else of either', {
  skip,
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'wharf-service-'))
  try {
    const [socket, heard] = [join(dir, 'api.sock'), join(dir, 'heard')]
    const said = async () => (existsSync(heard) ? readFileSync(heard, 'utf8') : '')
    using host = createHost()
    await using daemon = await startDaemon({
      host,
      program: ['python3', asService, socket, heard, process.execPath, main],
    })
    await eventually(said, 'READY=1\n')
    assert.match(daemon.log, /API listening on fd:\/\/\n/)
    using client = dockerCli(socket)
    await importBusybox(client)
    assert.equal(
      await client
        .ok('run', '-d', '--name', 'box', 'busybox', 'sleep', '1000')
        .then(() => client.ok('ps', '--format', '{{.Names}}')),
      'box',
    )

    const helpers = processesOf(daemon.root).filter(({ pid }) => pid !== daemon.pid)
    assert.ok(helpers.length >= 2, 'the resolver, and the supervisor of the container')
    for (const { pid, command } of helpers) {
      assert.doesNotMatch(readFileSync(`/proc/${pid}/environ`, 'utf8'), /NOTIFY_SOCKET|LISTEN_FDS/, command)
    }
    await daemon.stop()
    await eventually(said, 'READY=1\nSTOPPING=1\n')
    assert.ok(existsSync(socket), 'the socket is systemd’s, and stays for the next engine')
    rmSync(socket)
    rmSync(`${heard}.sock`)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})
