import { Writable } from 'node:stream'
import { FrameDecoder } from '../wire/docker-stream.ts'

/** Where the parts of a multiplexed stream go. */
export interface Outputs {
  readonly stdout: (bytes: Uint8Array) => void
  readonly stderr: (bytes: Uint8Array) => void
}

/**
 * A stream that takes frames and hands their contents to `stdout` or `stderr` as they come. What the daemon itself
 * has to say goes to `stderr`. Bytes that are no frames make it fail with a `RangeError`.
 */
export function createDemultiplexer(outputs: Outputs): Writable {
  const decoder = new FrameDecoder()
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        for (const { stream, bytes } of decoder.push(chunk)) {
          if (stream === 'stderr' || stream === 'systemError') outputs.stderr(bytes)
          else outputs.stdout(bytes)
        }
        done()
      } catch (error) {
        done(error as Error)
      }
    },
  })
}
