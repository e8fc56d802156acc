import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type Duplex, duplexPair, PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { type CarryOptions, carryStreams } from './carry-streams.ts'
import { createDetachFilter } from './detach-filter.ts'
import { exitCodeOf, runFailure } from './run-failure.ts'

const keys = Uint8Array.of(16, 17)

function frame(stream: 1 | 2, text: string): Buffer {
  return Buffer.from([stream, 0, 0, 0, 0, 0, 0, text.length, ...Buffer.from(text)])
}

const typed: readonly [chunks: readonly string[], forwarded: string, detached: boolean][] = [
  [['hello'], 'hello', false],
  [['a\x10\x11b'], 'a', true],
  [['a\x10', '\x11'], 'a', true],
  [['\x10', 'x'], '\x10x', false],
  [['\x10\x10\x11rest'], '\x10', true],
  [['end\x10'], 'end\x10', false],
]

for (const [chunks, forwarded, detached] of typed) {
  test(`createDetachFilter() hands on ${JSON.stringify(forwarded)} of ${JSON.stringify(chunks)}`, async () => {
    let seen = false
    const filter = createDetachFilter(keys, () => {
      seen = true
    })
    for (const chunk of chunks) filter.write(chunk)
    filter.end()
    assert.equal(await text(filter), forwarded)
    assert.equal(seen, detached)
  })
}

interface Carried {
  readonly far: Duplex
  readonly stdin: PassThrough
  readonly outcome: Promise<'ended' | 'detached'>
  readonly stdout: Promise<string>
  readonly stderr: Promise<string>
}

function carry(options: Partial<CarryOptions>): Carried {
  const [near, far] = duplexPair()
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const outcome = carryStreams(
    near,
    { stdin, stdout, stderr },
    { tty: false, stdin: true, detachKeys: keys, ...options },
  )
  const closed = outcome.finally(() => {
    stdout.end()
    stderr.end()
  })
  return { far, stdin, outcome: closed, stdout: text(stdout), stderr: text(stderr) }
}

test('carryStreams() parts the outputs, hands on the end of stdin, and ends with the container', async () => {
  const { far, stdin, outcome, stdout, stderr } = carry({})
  stdin.end('typed')
  assert.equal(await readAll(far), 'typed')
  far.write(frame(1, 'out'))
  far.end(frame(2, 'err'))
  assert.deepEqual([await outcome, await stdout, await stderr], ['ended', 'out', 'err'])
})

test('carryStreams() takes plain bytes from a terminal', async () => {
  const { far, outcome, stdout } = carry({ tty: true })
  far.end('prompt')
  assert.deepEqual([await outcome, await stdout], ['ended', 'prompt'])
})

test('carryStreams() lets go at the detach keys', async () => {
  const { far, stdin, outcome } = carry({ tty: true })
  const typed = once(far, 'data')
  stdin.write('ls\x10\x11')
  assert.equal(String((await typed)[0]), 'ls')
  assert.equal(await outcome, 'detached')
})

test('carryStreams() shows only the outputs that were asked for', async () => {
  const { far, outcome, stdout, stderr } = carry({ stdin: false, stderr: false })
  far.write(frame(2, 'err'))
  far.end(frame(1, 'out'))
  assert.deepEqual([await outcome, await stdout, await stderr], ['ended', 'out', ''])
})

test('carryStreams() sees that a container was over before it looked', async () => {
  const [near, far] = duplexPair()
  far.end()
  far.resume()
  near.end()
  near.resume()
  const closed = Promise.withResolvers<void>()
  near.once('close', () => closed.resolve())
  await closed.promise
  const nobody = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() }
  assert.equal(await carryStreams(near, nobody, { tty: false, stdin: false, detachKeys: keys }), 'ended')
})

async function readAll(stream: Duplex): Promise<string> {
  let all = ''
  const ended = Promise.withResolvers<string>()
  stream.on('data', (chunk: Buffer) => {
    all += chunk
  })
  stream.once('end', () => ended.resolve(all))
  return await ended.promise
}

test('runFailure() answers the exit code that says what went wrong before the container ran', () => {
  assert.equal(exitCodeOf('exec: "x": executable file not found in $PATH'), 127)
  assert.equal(exitCodeOf('exec "/etc": permission denied'), 126)
  assert.equal(exitCodeOf('Conflict. The name is in use'), 125)
  const { message, exitCode } = runFailure('run', new Error('invalid containerPort: x'))
  assert.deepEqual(
    [message, exitCode],
    ["wharf: invalid containerPort: x\n\nRun 'wharf run --help' for more information", 125],
  )
})
