import { readSync, writeSync } from 'node:fs'
import { Duplex } from 'node:stream'
import { Descriptor, setNonBlocking } from '../descriptors.ts'
import { addressOf, check, libcFunction } from '../libc.ts'
import type { Poller } from '../poller.ts'
import { accept4, MSG_CMSG_CLOEXEC, SOCK_CLOEXEC, SOCK_NONBLOCK, SOL_SOCKET } from '../sockets/socket-calls.ts'
import { duplicateDescriptor } from '../sockets/sockets.ts'

const TIOCSWINSZ = 0x5414
const SCM_RIGHTS = 1
/** `sizeof(struct msghdr)` and `CMSG_SPACE(sizeof(int))` on 64-bit machines. @source recvmsg(2), cmsg(3) */
const messageHeaderBytes = 56
const controlBytes = 24
const chunkBytes = 65_536

const ioctl = libcFunction('int ioctl(int fd, ulong request, const void *argument)')
const recvmsg = libcFunction('int64_t recvmsg(int fd, void *message, int flags)')

/** Sets the size that programs on a terminal see; they get SIGWINCH. @source ioctl_tty(2) */
export function setTerminalSize(
  fd: number,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): void {
  const size = Buffer.alloc(8)
  size.writeUInt16LE(rows, 0)
  size.writeUInt16LE(columns, 2)
  check('set terminal size', ioctl(fd, TIOCSWINSZ, size))
}

/**
 * Waits for one connection on a listening unix socket, and for the descriptor that comes with its first message.
 *
 * This is how an OCI runtime hands over the master of a terminal (`--console-socket`).
 *
 * @throws the signal's reason when that aborts first
 */
export async function receiveDescriptor(
  listener: Descriptor,
  poller: Poller,
  signal: AbortSignal,
): Promise<Descriptor> {
  await readable(listener.fd, poller, signal)
  using connection = new Descriptor(check('accept', accept4(listener.fd, null, null, SOCK_CLOEXEC | SOCK_NONBLOCK)))
  await readable(connection.fd, poller, signal)
  return new Descriptor(takeDescriptor(connection.fd))
}

async function readable(fd: number, poller: Poller, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  using _ = poller.watch(fd, 'read', resolve)
  try {
    await promise
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function takeDescriptor(connection: number): number {
  const data = Buffer.alloc(4096) // the runtime writes the terminal's name; it is of no use here
  const vector = Buffer.alloc(16)
  vector.writeBigUInt64LE(addressOf(data), 0)
  vector.writeBigUInt64LE(BigInt(data.length), 8)
  const control = Buffer.alloc(controlBytes)
  const header = Buffer.alloc(messageHeaderBytes)
  header.writeBigUInt64LE(addressOf(vector), 16)
  header.writeBigUInt64LE(1n, 24)
  header.writeBigUInt64LE(addressOf(control), 32)
  header.writeBigUInt64LE(BigInt(control.length), 40)
  check('receive descriptor', recvmsg(connection, header, MSG_CMSG_CLOEXEC))
  const [level, type] = [control.readInt32LE(8), control.readInt32LE(12)]
  if (header.readBigUInt64LE(40) < 20n || level !== SOL_SOCKET || type !== SCM_RIGHTS) {
    throw new RangeError('the message carries no descriptor')
  }
  return control.readInt32LE(16)
}

/**
 * The master of a terminal as a stream. It ends when nobody has the terminal open any more.
 *
 * Node's own terminal streams write without regard for a full terminal and would stop the whole engine.
 */
export class TerminalStream extends Duplex {
  readonly #poller: Poller
  readonly #reading: Descriptor
  /** epoll takes a descriptor once: the writing side has one of its own. */
  readonly #writing: Descriptor
  readonly #chunk = Buffer.allocUnsafe(chunkBytes)
  #readWatch: Disposable | undefined
  #writeWatch: Disposable | undefined

  /** Takes the descriptor over. */
  constructor(master: Descriptor, poller: Poller) {
    super({ allowHalfOpen: false })
    this.#poller = poller
    this.#reading = master
    this.#writing = new Descriptor(duplicateDescriptor(master.fd))
    setNonBlocking(master.fd)
  }

  /** Characters that programs on the terminal see. */
  resize(size: { readonly rows: number; readonly columns: number }): void {
    if (!this.destroyed) setTerminalSize(this.#reading.fd, size)
  }

  /** Ends the stream after what is there now: the process is over, though somebody may still hold the terminal. */
  drain(): void {
    if (this.destroyed) return
    this.#readWatch?.[Symbol.dispose]()
    this.#readWatch = undefined
    let chunk = this.#take()
    while (chunk instanceof Buffer) {
      this.push(chunk)
      chunk = this.#take()
    }
    this.push(null)
  }

  override _read(): void {
    this.#readWatch ??= this.#poller.watch(this.#reading.fd, 'read', () => this.#readNow())
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    let rest = chunk
    const go = () => {
      try {
        while (rest.length > 0) rest = rest.subarray(writeSync(this.#writing.fd, rest))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') {
          this.#writeWatch ??= this.#poller.watch(this.#writing.fd, 'write', go)
          return
        }
        rest = rest.subarray(rest.length) // EIO: nobody is there to read it any more
      }
      this.#writeWatch?.[Symbol.dispose]()
      this.#writeWatch = undefined
      done()
    }
    go()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    for (const part of [this.#readWatch, this.#writeWatch, this.#reading, this.#writing]) part?.[Symbol.dispose]()
    done(error)
  }

  #readNow(): void {
    const chunk = this.#take()
    if (chunk === 'later') return
    if (chunk !== 'end' && this.push(chunk)) return
    this.#readWatch?.[Symbol.dispose]()
    this.#readWatch = undefined
    if (chunk === 'end') this.push(null)
  }

  #take(): Buffer | 'later' | 'end' {
    try {
      const length = readSync(this.#reading.fd, this.#chunk)
      return length === 0 ? 'end' : Buffer.from(this.#chunk.subarray(0, length))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EAGAIN') return 'later'
      if (code === 'EIO') return 'end' // what Linux answers when the last holder closed the terminal
      throw error
    }
  }
}
