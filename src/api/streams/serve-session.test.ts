import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { test } from 'node:test'
import { setImmediate as tick } from 'node:timers/promises'
import { DetachScanner } from '../../base/detach-keys.ts'
import type { Session } from '../../container/attach/session.ts'
import { FrameDecoder } from '../../wire/docker-stream.ts'
import { serveSession } from './serve-session.ts'

function fakeProcess(withStdin = true) {
  const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const state = { disposed: false }
  const session: Session = {
    stdout,
    stderr,
    ...(withStdin ? { stdin } : {}),
    closed: Promise.resolve(),
    [Symbol.dispose]() {
      state.disposed = true
    },
  }
  return { session, stdout, stderr, stdin, state }
}

/** Both ends of a connection. */
function connection() {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()]
  return { input: toServer, output: toClient }
}

test('serveSession() frames stdout and stderr until both are over', async () => {
  const { session, stdout, stderr, state } = fakeProcess(false)
  const { input, output } = connection()
  const served = serveSession(session, { input, output }, { terminal: false, closesStdin: true })
  stdout.end('out')
  stderr.end('err')
  assert.equal(await served, 'output over')
  output.end()
  const parts = [...new FrameDecoder().push(await buffer(output))]
  assert.deepEqual(parts.map(({ stream, bytes }) => `${stream} ${Buffer.from(bytes)}`).sort(), [
    'stderr err',
    'stdout out',
  ])
  assert.equal(state.disposed, true)
})

test("serveSession() closes stdin with the client's input, and output goes on", async () => {
  const { session, stdout, stderr, stdin } = fakeProcess()
  const { input, output } = connection()
  const served = serveSession(session, { input, output }, { terminal: false, closesStdin: true })
  input.end('typed')
  assert.equal(await text(stdin), 'typed')
  stdout.end('answer')
  stderr.end()
  assert.equal(await served, 'output over')
  output.end()
  assert.match((await buffer(output)).toString(), /answer/)
})

test('serveSession() ends with the input when that is not to close stdin', async () => {
  const { session, stdin } = fakeProcess()
  const { input, output } = connection()
  const served = serveSession(session, { input, output }, { terminal: false, closesStdin: false })
  input.end('typed')
  assert.equal(await served, 'input over')
  assert.equal(stdin.writableEnded, false)
})

test('serveSession() ends when the detach keys are typed, and when the client goes', async () => {
  const first = fakeProcess()
  const one = connection()
  const detach = new DetachScanner(Uint8Array.of(16, 17))
  const detached = serveSession(first.session, one, { terminal: true, closesStdin: true, detach })
  one.input.write(Buffer.from([97, 16, 17]))
  assert.equal(await detached, 'detached')
  assert.equal(first.stdin.read().toString(), 'a')
  assert.equal(one.output.listenerCount('close'), 0)

  const second = fakeProcess()
  const two = connection()
  const gone = serveSession(second.session, two, { terminal: true, closesStdin: true })
  two.output.destroy()
  assert.equal(await gone, 'client gone')
  assert.equal(second.state.disposed, true)
})

test('serveSession() makes a fast process wait for a slow client, and leaves no listeners', async () => {
  const { session, stdout, stderr } = fakeProcess(false)
  const { output } = connection()
  const served = serveSession(session, { output }, { terminal: false, closesStdin: true })
  const chunk = Buffer.alloc(64 * 1024, 1)
  let written = 0
  while (stdout.write(chunk) && written < 100) {
    written++
    await tick()
  }
  assert.ok(written < 100, 'the process was never made to wait')
  const reading = buffer(output)
  stdout.end()
  stderr.end()
  await served
  output.end()
  assert.equal((await reading).length, (written + 1) * (chunk.length + 8))
  assert.equal(output.listenerCount('drain'), 0)
})
