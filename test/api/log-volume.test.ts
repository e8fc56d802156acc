import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { PassThrough, Readable } from 'node:stream'
import { engineTest } from '../support/engine-test.ts'
import { drain, memoryOf } from '../support/stream-flood.ts'

const lines = 400_000
/** A heap breathes; the log is 20 MB on the disk, and three times that as objects. */
const growthBytes = 80 * 2 ** 20

/** What `seq 1 LINES` prints. */
function* numbers(): Generator<Buffer> {
  for (let from = 1; from <= lines; from += 1000) {
    yield Buffer.from(Array.from({ length: 1000 }, (_, index) => `${from + index}\n`).join(''))
  }
}

engineTest('logs -f of a container that writes as fast as it can loses no line, in flat memory', async (engine) => {
  const { docker, wharf, daemon } = engine
  const wanted = await drain(Readable.from(numbers()))
  for (const client of [docker, wharf]) {
    await docker.ok('run', '-d', '--name', 'box', 'busybox', 'seq', '1', String(lines))
    const before = memoryOf(daemon.pid)
    const [command, ...first] = client.program
    const child = spawn(command!, [...first, 'logs', '-f', 'box'], { env: { ...process.env, ...client.env } })
    assert.deepEqual(await drain(child.stdout), wanted)
    assert.ok(memoryOf(daemon.pid) - before < growthBytes)
    await docker.ok('rm', 'box')
  }
})

engineTest('a reader of logs who stops stops nobody, and finds every line when it goes on', async (engine) => {
  const { docker, daemon, api } = engine
  // The lines begin when somebody says so: the reader is there first.
  await docker.ok('run', '-di', '--name', 'box', 'busybox', 'sh', '-c', `read word; seq 1 ${lines}`)
  const container = api.getContainer('box')
  const log = await container.logs({ follow: true, stdout: true, stderr: true })
  const before = memoryOf(daemon.pid)
  const waiting = container.wait()
  await docker.run(['attach', 'box'], { input: 'go\n' })
  assert.equal((await waiting).StatusCode, 0)
  assert.ok(memoryOf(daemon.pid) - before < growthBytes)
  const stdout = new PassThrough()
  api.modem.demuxStream(log, stdout, stdout)
  log.once('end', () => stdout.end())
  assert.deepEqual(await drain(stdout), await drain(Readable.from(numbers())))
})
