/**
 * Docker's framing of standard streams that share one connection (`attach`, `exec`, `logs` without a terminal):
 *
 * ```
 *   | stream 0–3 | 0 | 0 | 0 | length, 4 bytes, big endian | length bytes of contents |
 * ```
 *
 * @source Docker Engine API v1.51, ContainerAttach, "Stream format"
 */
const frameHeaderBytes = 8

/** The number of each stream. `systemError` carries a message of the daemon itself. */
const streamNumber = { stdin: 0, stdout: 1, stderr: 2, systemError: 3 } as const

/** Which stream a frame belongs to. */
export type StreamName = keyof typeof streamNumber

/** A part of one stream's contents. */
export interface StreamPart {
  readonly stream: StreamName
  readonly bytes: Uint8Array
}

const names: readonly StreamName[] = ['stdin', 'stdout', 'stderr', 'systemError']

/** The 8 bytes that go before `length` bytes of contents. @throws {RangeError} when the length takes more than 32 bits */
export function frameHeader(stream: StreamName, length: number): Uint8Array {
  if (!(Number.isInteger(length) && length >= 0 && length <= 0xffff_ffff)) {
    throw new RangeError(`Cannot write frame: ${length} bytes do not fit, at most 4294967295 do`)
  }
  const header = new Uint8Array(frameHeaderBytes)
  header[0] = streamNumber[stream]
  new DataView(header.buffer).setUint32(4, length)
  return header
}

/** One whole frame, copied together: for short contents such as log lines. */
export function encodeFrame(stream: StreamName, contents: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(frameHeaderBytes + contents.length)
  frame.set(frameHeader(stream, contents.length))
  frame.set(contents, frameHeaderBytes)
  return frame
}

/**
 * Takes frames apart as their bytes come, in pieces of any size.
 *
 * Contents are never held back nor copied: a frame of 4 GiB needs no more memory than the piece at hand. Whoever
 * reads decides when to `push` more, and so keeps the sender waiting.
 */
export class FrameDecoder {
  readonly #header = new Uint8Array(frameHeaderBytes)
  /** Bytes of the header that have come. */
  #filled = 0
  /** Bytes of contents that are still to come. */
  #left = 0
  #stream: StreamName = 'stdout'

  /** Tells that no more bytes come. @throws {RangeError} in the middle of a frame */
  end(): void {
    if (this.#left > 0) throw new RangeError(`Cannot read frame: ${this.#left} bytes of its contents are missing`)
    if (this.#filled > 0) throw new RangeError(`Cannot read frame: its header ends after ${this.#filled} bytes`)
  }

  /**
   * The contents in `bytes`, in order, as views of it. Empty frames give nothing.
   *
   * @throws {RangeError} for a stream that does not exist; nothing after that is of use
   */
  *push(bytes: Uint8Array): Generator<StreamPart, void, undefined> {
    for (let at = 0; at < bytes.length; ) {
      if (this.#left === 0) {
        at += this.#takeHeader(bytes.subarray(at))
        continue
      }
      const part = bytes.subarray(at, at + this.#left)
      at += part.length
      this.#left -= part.length
      yield { stream: this.#stream, bytes: part }
    }
  }

  #takeHeader(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, frameHeaderBytes - this.#filled)
    this.#header.set(taken, this.#filled)
    this.#filled += taken.length
    if (this.#filled < frameHeaderBytes) return taken.length
    const stream = names[this.#header[0]!]
    if (stream === undefined) throw new RangeError(`Cannot read frame: stream ${this.#header[0]} does not exist`)
    this.#stream = stream
    this.#left = new DataView(this.#header.buffer).getUint32(4)
    this.#filled = 0
    return taken.length
  }
}
