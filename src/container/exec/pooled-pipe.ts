import { Socket } from 'node:net'

/** How much is read at once, and how many such buffers are kept for the next reads. */
const bufferBytes = 262_144
const mostBuffers = 4
/** A shorter piece is copied: else a few bytes that a slow client has not read would hold a whole buffer. */
const leastShared = bufferBytes / 4

/** Buffers that were read into, and are read into again once nobody looks at them any more. */
export class BufferPool {
  readonly #free: Buffer[] = []
  /** Memory that is this pool's: Node has a pool of its own, whose pieces look alike. */
  readonly #own = new WeakSet<ArrayBufferLike>()

  take(): Buffer {
    const free = this.#free.pop()
    if (free !== undefined) return free
    const made = Buffer.allocUnsafeSlow(bufferBytes)
    this.#own.add(made.buffer)
    return made
  }

  /** Takes a piece back; what is in it changes from now on. A piece that is never given back is collected as garbage. */
  recycle({ buffer }: Uint8Array): void {
    if (this.#free.length < mostBuffers && this.#own.has(buffer)) this.#free.push(Buffer.from(buffer))
  }
}

/**
 * Reads a pipe into buffers of a pool. A new buffer for each read would keep the garbage collector as busy as the copying.
 *
 * @param fd  the reading end, the answer's from now on
 */
export function readPooledPipe(fd: number, pool: BufferPool): Socket {
  const socket: Socket = new Socket({
    fd,
    readable: true,
    writable: false,
    onread: {
      buffer: () => pool.take(),
      callback: (length, buffer) => {
        const piece = Buffer.from(buffer.buffer, buffer.byteOffset, length)
        if (length >= leastShared) {
          socket.emit('data', piece) // the reader's from now on, who may give it back
        } else {
          const copy = Buffer.copyBytesFrom(piece)
          pool.recycle(buffer)
          socket.emit('data', copy)
        }
        return true // who wants no more has paused the socket
      },
    },
  })
  return socket
}
