import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Cli } from '../support/docker.ts'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { blocks, carriedBy, drain, memoryOf, pour, standsStill } from '../support/stream-flood.ts'

const mebibyte = 2 ** 20
const muchBytes = 100 * mebibyte
/** What may lie between a process and a client that does not read: pipes, sockets and buffers, whatever the total. */
const heldBytes = 12 * mebibyte
/** A heap breathes; all of 100 MiB would not fit into this. */
const growthBytes = 80 * mebibyte

/** The client with its streams, for more bytes than a test wants to keep. */
function start({ program, env }: Cli, args: readonly string[]) {
  const child = spawn(program[0]!, [...program.slice(1), ...args], { env: { ...process.env, ...env } })
  child.stderr.pipe(process.stderr)
  return child
}

/** Runs a line in `box` with a connection of its own; nothing is read from it before the caller does. */
async function execStream({ api }: Engine, line: string, stdin: boolean): Promise<{ stream: Duplex; pid: number }> {
  const options = { Cmd: ['sh', '-c', line], AttachStdin: stdin, AttachStdout: true, AttachStderr: true }
  const exec = await api.getContainer('box').exec(options)
  const stream = await exec.start({ hijack: true, stdin })
  await eventually(async () => (await exec.inspect()).Pid > 0, true)
  return { stream, pid: (await exec.inspect()).Pid }
}

engineTest('exec carries 100 MiB in and out again, byte for byte, for both clients', async ({ docker, wharf }) => {
  await docker.ok('run', '-di', '--name', 'box', 'busybox')
  for (const client of [docker, wharf]) {
    const child = start(client, ['exec', '-i', 'box', 'cat'])
    const [sent, got, [code]] = await Promise.all([
      pour(blocks(muchBytes), child.stdin),
      drain(child.stdout),
      once(child, 'exit') as Promise<[number]>,
    ])
    assert.equal(code, 0)
    assert.deepEqual(got, sent)
    assert.equal(got.bytes, muchBytes)
  }
})

engineTest('a process waits for a client that does not read, and the engine keeps nothing of it', async (engine) => {
  const { docker, daemon, api } = engine
  await docker.ok('run', '-di', '--name', 'box', 'busybox')
  const before = memoryOf(daemon.pid)
  const { stream, pid } = await execStream(engine, 'exec dd if=/dev/zero bs=64k count=1600 2>/dev/null', false)
  const written = await standsStill(() => carriedBy(pid).written)
  assert.ok(written < heldBytes, `${written} bytes were written that nobody has read`)
  assert.ok(memoryOf(daemon.pid) - before < growthBytes)

  const stdout = new PassThrough()
  api.modem.demuxStream(stream, stdout, stdout)
  stream.once('end', () => stdout.end())
  assert.equal((await drain(stdout)).bytes, muchBytes)
})

engineTest('a client waits for a process that does not read, and the engine keeps nothing of it', async (engine) => {
  const { docker, daemon } = engine
  await docker.ok('run', '-di', '--name', 'box', 'busybox')
  const before = memoryOf(daemon.pid)
  const go = 'until [ -e /tmp/go ]; do sleep 0.1; done; wc -c'
  const { stream } = await execStream(engine, go, true)
  const answer = text(stream)
  let taken = 0
  const source = function* () {
    for (const block of blocks(muchBytes)) {
      taken += block.length
      yield block
    }
  }
  const sent = pour(source(), stream)
  const stuck = await standsStill(() => taken)
  assert.ok(stuck < heldBytes, `${stuck} bytes were taken that nobody has read`)
  assert.ok(memoryOf(daemon.pid) - before < growthBytes)
  await docker.ok('exec', 'box', 'touch', '/tmp/go')
  assert.equal((await sent).bytes, muchBytes)
  assert.match(await answer, /104857600\n$/, 'the end of the input came after the last byte')
})

engineTest('a client that vanishes leaves its exec running and the engine as it was', async (engine) => {
  const { docker, sh } = engine
  await docker.ok('run', '-di', '--name', 'box', 'busybox')
  const { stream } = await execStream(
    engine,
    'dd if=/dev/zero bs=64k count=1600 2>/dev/null; echo over > /tmp/over',
    false,
  )
  stream.destroy()
  await eventually(async () => (await sh('box', 'cat /tmp/over')).stdout, 'over\n')
  const other = await execStream(engine, 'cat > /tmp/in; echo over > /tmp/in-over', true)
  other.stream.write('words')
  await eventually(async () => (await sh('box', 'cat /tmp/in')).stdout, 'words')
  other.stream.destroy()
  await eventually(async () => (await sh('box', 'cat /tmp/in-over')).stdout, 'over\n')
})
