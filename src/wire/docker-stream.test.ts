import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeFrame, FrameDecoder, frameHeader } from './docker-stream.ts'

test('frameHeader() writes the stream and the length, big endian', () => {
  assert.deepEqual([...frameHeader('stderr', 0x0102_0304)], [2, 0, 0, 0, 1, 2, 3, 4])
  assert.deepEqual([...frameHeader('stdout', 0xffff_ffff)], [1, 0, 0, 0, 255, 255, 255, 255])
  assert.throws(() => frameHeader('stdout', 2 ** 32), RangeError)
  assert.throws(() => frameHeader('stdout', -1), RangeError)
})

test('FrameDecoder.push() gives contents back in pieces of any size', () => {
  const wire = Buffer.concat([
    encodeFrame('stdout', Buffer.from('hello')),
    encodeFrame('stderr', Buffer.from('')),
    encodeFrame('stderr', Buffer.from('oops')),
    encodeFrame('stdout', Buffer.from('bye')),
  ])
  for (const size of [1, 3, 7, 8, 9, wire.length]) {
    const decoder = new FrameDecoder()
    const seen = { stdin: '', stdout: '', stderr: '', systemError: '' }
    for (let at = 0; at < wire.length; at += size) {
      for (const { stream, bytes } of decoder.push(wire.subarray(at, at + size)))
        seen[stream] += String.fromCharCode(...bytes)
    }
    decoder.end()
    assert.deepEqual(seen, { stdin: '', stdout: 'hellobye', stderr: 'oops', systemError: '' })
  }
})

test('FrameDecoder refuses streams that do not exist, and ends in the middle of a frame', () => {
  assert.throws(() => [...new FrameDecoder().push(Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 1, 65))], RangeError)
  const half = new FrameDecoder()
  assert.deepEqual([...half.push(Uint8Array.of(1, 0, 0))], [])
  assert.throws(() => half.end(), /its header ends after 3 bytes/)
  const cut = new FrameDecoder()
  assert.equal([...cut.push(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 9, 65))].length, 1)
  assert.throws(() => cut.end(), /8 bytes of its contents are missing/)
})
