import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { encodeFrame } from '../wire/docker-stream.ts'
import { createDemultiplexer } from './demultiplexer.ts'
import { filterQuery } from './filters.ts'
import { parseHost } from './host.ts'
import { readJsonLines } from './json-lines.ts'

test('createDemultiplexer() parts stdout from stderr however the frames are cut', async () => {
  const frames = Buffer.concat([
    encodeFrame('stdout', Buffer.from('out1')),
    encodeFrame('stderr', Buffer.from('err')),
    encodeFrame('systemError', Buffer.from('!')),
    encodeFrame('stdout', Buffer.from('out2')),
  ])
  for (let cut = 1; cut <= frames.length; cut++) {
    const shown = { stdout: '', stderr: '' }
    const sink = createDemultiplexer({
      stdout(bytes) {
        shown.stdout += Buffer.from(bytes)
      },
      stderr(bytes) {
        shown.stderr += Buffer.from(bytes)
      },
    })
    for (let at = 0; at < frames.length; at += cut) sink.write(frames.subarray(at, at + cut))
    assert.deepEqual(shown, { stdout: 'out1out2', stderr: 'err!' })
  }
})

test('createDemultiplexer() fails for bytes that are no frames', async () => {
  const sink = createDemultiplexer({ stdout: () => {}, stderr: () => {} })
  const failed = Promise.withResolvers<Error>()
  sink.on('error', failed.resolve)
  sink.write(Buffer.from('this is no frame'))
  assert((await failed.promise) instanceof RangeError)
})

test('readJsonLines() reads values across chunks, blank lines and a last line without its end', async () => {
  const bytes = Buffer.from('{"a":"é"}\n\r\n{"a":2}\n{"a":3}')
  for (let cut = 1; cut <= bytes.length; cut++) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / cut) }, (_, at) =>
      bytes.subarray(at * cut, (at + 1) * cut),
    )
    const values = await Array.fromAsync(readJsonLines<{ a: unknown }>(Readable.from(chunks)))
    assert.deepEqual(values, [{ a: 'é' }, { a: 2 }, { a: 3 }])
  }
})

test('filterQuery() groups values by name', () => {
  assert.equal(filterQuery([]), undefined)
  assert.equal(
    filterQuery(['status=running', 'label=a=b', 'status=exited']),
    '{"status":{"running":true,"exited":true},"label":{"a=b":true}}',
  )
})

test('parseHost() reads what -H takes and refuses the rest', () => {
  assert.deepEqual(parseHost('unix:///run/w.sock'), { kind: 'unix', path: '/run/w.sock' })
  assert.deepEqual(parseHost('tcp://10.0.0.1:2376'), { kind: 'tcp', host: '10.0.0.1', port: 2376 })
  assert.deepEqual(parseHost('tcp://[::1]:99'), { kind: 'tcp', host: '::1', port: 99 })
  assert.deepEqual(parseHost('tcp://box'), { kind: 'tcp', host: 'box', port: 2375 })
  for (const bad of ['', '/run/w.sock', 'ssh://me@box', 'unix://', 'tcp://x:99999']) {
    assert.throws(() => parseHost(bad), { kind: 'invalid-argument' })
  }
})
