import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { isErrno } from '../../base/errors.ts'
import { Descriptor } from '../../kernel/descriptors.ts'
import type { Poller } from '../../kernel/poller.ts'
import { SeqpacketSocket } from '../../kernel/sockets/seqpacket.ts'
import { duplicateDescriptor } from '../../kernel/sockets/sockets.ts'
import type { ContainerPaths, ContainerRecord } from '../model.ts'
import { conmonFiles } from '../process/conmon.ts'
import type { Session, SessionStreams } from './session.ts'

/** First byte of every packet from conmon. @source conmon's utils.h, `stdpipe_t` */
const streamOfByte: Readonly<Record<number, 'stdout' | 'stderr'>> = { 2: 'stdout', 3: 'stderr' }
/** conmon reads 8 KiB of output at a time. */
const longestPacket = 16_384
/** conmon takes at most this much input in one packet; the rest of a longer one would be lost. */
const longestInput = 32_768
/** Packets taken before others get their turn. */
const packetsPerTurn = 32
const bufferBytes = 65_536

/** Which connection to open. */
export interface AttachParts {
  readonly record: ContainerRecord
  readonly paths: ContainerPaths
  readonly streams: SessionStreams
  readonly poller: Poller
}

/**
 * Connects to a container's streams, from its creation on.
 *
 * Nothing is lost: a client that does not read makes conmon wait, and in the end the container; 64 KiB are kept for
 * each stream. Streams that were not asked for are thrown away as they come.
 *
 * @throws {KernelError} `ENOENT` or `ECONNREFUSED` when the container has ended
 */
export function openAttachSession({ record, paths, streams, poller }: AttachParts): Session {
  const { OpenStdin = false, StdinOnce = false, Tty = false } = record.config
  const socket = SeqpacketSocket.connect(join(paths.runDir, conmonFiles.attach))
  const stdin = streams.stdin && OpenStdin
  return new AttachSession({
    socket,
    poller,
    terminal: Tty,
    wanted: streams,
    stdin,
    // conmon takes the end of any connection for the end of the input: this one must not end before the container.
    stays: OpenStdin && StdinOnce && !Tty && !stdin,
  })
}

interface AttachSessionInit {
  readonly socket: SeqpacketSocket
  readonly poller: Poller
  readonly terminal: boolean
  readonly wanted: SessionStreams
  readonly stdin: boolean
  /** The connection outlives the session, reading on for nobody. */
  readonly stays: boolean
}

class AttachSession implements Session {
  readonly stdout: Readable
  readonly stderr?: Readable
  readonly stdin?: Writable
  readonly closed: Promise<void>
  readonly #init: AttachSessionInit
  readonly #packet = Buffer.allocUnsafe(longestPacket)
  readonly #ended = Promise.withResolvers<void>()
  /** Streams whose reader is behind: nothing is taken from conmon before it caught up. */
  readonly #full = new Set<Readable>()
  #watch: Disposable | undefined
  #disposed = false

  constructor(init: AttachSessionInit) {
    this.#init = init
    this.closed = this.#ended.promise
    this.stdout = this.#output()
    if (!init.terminal) this.stderr = this.#output()
    if (init.stdin) this.stdin = new InputStream(init.socket, init.poller)
    this.#resume()
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return
    this.#disposed = true
    for (const stream of [this.stdout, this.stderr, this.stdin]) stream?.destroy()
    this.#ended.resolve()
    if (this.#init.stays) this.#resume()
    else this.#close()
  }

  #output(): Readable {
    const stream: Readable = new Readable({
      highWaterMark: bufferBytes,
      read: () => {
        if (this.#full.delete(stream) && this.#full.size === 0) this.#resume()
      },
    })
    stream.once('close', () => {
      if (this.#full.delete(stream) && this.#full.size === 0) this.#resume()
    })
    return stream
  }

  #resume(): void {
    this.#watch ??= this.#init.poller.watch(this.#init.socket.fd, 'read', () => this.#take())
  }

  #take(): void {
    const taken = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
    let length: number | undefined
    for (let i = 0; i < packetsPerTurn; i++) {
      length = this.#init.socket.receive(this.#packet)
      if (length === undefined || length === 0) break
      const name = streamOfByte[this.#packet[0]!]
      if (name !== undefined) taken[name].push(Buffer.from(this.#packet.subarray(1, length)))
    }
    for (const name of ['stdout', 'stderr'] as const) this.#deliver(name, taken[name])
    if (length === 0) this.#finish()
  }

  #deliver(name: 'stdout' | 'stderr', chunks: readonly Buffer[]): void {
    if (chunks.length === 0 || this.#disposed || !this.#init.wanted[name]) return
    const stream = name === 'stdout' || this.stderr === undefined ? this.stdout : this.stderr
    if (stream.destroyed || stream.push(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))) return
    this.#full.add(stream)
    this.#watch?.[Symbol.dispose]()
    this.#watch = undefined
  }

  #finish(): void {
    this.stdout.push(null)
    this.stderr?.push(null)
    this.stdin?.destroy()
    this.#close()
    this.#ended.resolve()
  }

  #close(): void {
    this.#watch?.[Symbol.dispose]()
    this.#watch = undefined
    this.#full.clear()
    this.#init.socket[Symbol.dispose]()
  }
}

/** A container's input: waits when the container does not read. */
class InputStream extends Writable {
  readonly #socket: SeqpacketSocket
  readonly #poller: Poller
  #waiting: Disposable | undefined

  constructor(socket: SeqpacketSocket, poller: Poller) {
    super({ highWaterMark: bufferBytes })
    this.#socket = socket
    this.#poller = poller
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send(chunk, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.endSending()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#waiting?.[Symbol.dispose]()
    done(error)
  }

  #send(chunk: Buffer, done: (error?: Error | null) => void): void {
    let rest = chunk
    try {
      while (rest.length > 0) {
        const packet = rest.subarray(0, longestInput)
        if (!this.#socket.send(packet)) {
          this.#sendLater(rest, done)
          return
        }
        rest = rest.subarray(packet.length)
      }
      done()
    } catch (error) {
      // The container has ended, or has closed its input: what it does not read is lost, as in every pipe.
      if (isErrno(error, 'EPIPE', 'ECONNRESET', 'ENOTCONN')) done()
      else done(error as Error)
    }
  }

  #sendLater(rest: Buffer, done: (error?: Error | null) => void): void {
    // epoll takes a descriptor once, and the reading side watches it.
    const own = new Descriptor(duplicateDescriptor(this.#socket.fd))
    const watch = this.#poller.watch(own.fd, 'write', () => {
      this.#waiting?.[Symbol.dispose]()
      this.#send(rest, done)
    })
    this.#waiting = {
      [Symbol.dispose]: () => {
        watch[Symbol.dispose]()
        own[Symbol.dispose]()
        this.#waiting = undefined
      },
    }
  }
}
