import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeFrame, FrameDecoder, type StreamName } from '../../src/wire/docker-stream.ts'

const frame = fc.record({
  stream: fc.constantFrom<StreamName>('stdin', 'stdout', 'stderr', 'systemError'),
  contents: fc.uint8Array({ maxLength: 64 }),
})

/** Cuts bytes into pieces of the lengths given, again and again. */
function* pieces(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!
    yield bytes.subarray(at, at + size)
    at += size
  }
}

test('FrameDecoder gives every stream back, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(frame), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (frames, sizes) => {
      const wire = Buffer.concat(frames.map(({ stream, contents }) => encodeFrame(stream, contents)))
      const decoder = new FrameDecoder()
      const parts = [...pieces(wire, sizes)].flatMap((piece) => [...decoder.push(piece)])
      decoder.end()
      const join = (name: StreamName, list: readonly { stream: StreamName; bytes: Uint8Array }[]) =>
        Buffer.concat(list.filter(({ stream }) => stream === name).map(({ bytes }) => bytes)).toString('hex')
      const sent = frames.map(({ stream, contents }) => ({ stream, bytes: contents }))
      for (const name of ['stdin', 'stdout', 'stderr', 'systemError'] as const) {
        assert.equal(join(name, parts), join(name, sent))
      }
    }),
  )
})

test('FrameDecoder reads random bytes, or throws RangeError, and never loses or invents contents', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 48 })), (chunks) => {
      const decoder = new FrameDecoder()
      try {
        for (const chunk of chunks) {
          const parts = [...decoder.push(chunk)]
          const length = parts.reduce((sum, { bytes }) => sum + bytes.length, 0)
          assert.ok(length <= chunk.length)
          assert.ok(parts.every(({ bytes }) => bytes.length > 0))
        }
        decoder.end()
      } catch (error) {
        assert.ok(error instanceof RangeError, String(error))
      }
    }),
    { numRuns: 2000 },
  )
})
