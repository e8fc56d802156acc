import { closeSync } from 'node:fs'
import { check, libcFunction } from './libc.ts'

const EPOLL_CLOEXEC = 0o2000000
const EFD_CLOEXEC_NONBLOCK = 0o2004000
const EPOLL_CTL_ADD = 1
const EPOLL_CTL_DEL = 2
const EPOLLIN = 1
const EPOLLOUT = 4
const interests = { read: EPOLLIN, write: EPOLLOUT, 'read-write': EPOLLIN | EPOLLOUT } as const

/** `struct epoll_event` is packed on x86-64 only. @source include/uapi/linux/eventpoll.h */
const eventBytes = process.arch === 'x64' ? 12 : 16
const dataOffset = eventBytes - 8
const eventsPerWait = 128
/** The token of our own eventfd; watches count from 1. */
const wakeToken = 0

const epollCreate = libcFunction('int epoll_create1(int flags)')
const epollControl = libcFunction('int epoll_ctl(int epfd, int op, int fd, void *event)')
const epollWait = libcFunction('int epoll_wait(int epfd, void *events, int maxevents, int timeout)')
const eventfd = libcFunction('int eventfd(unsigned int initval, int flags)')
const readCounter = libcFunction('int64_t read(int fd, void *data, size_t length)')
const writeCounter = libcFunction('int64_t write(int fd, const void *data, size_t length)')

/** What a watch waits for. Hang-up and error count as both. */
export type PollerEvents = keyof typeof interests

/**
 * Waits for descriptors that libuv does not take: seqpacket and netlink sockets, pidfds, raw sockets by the thousand.
 *
 * One epoll instance, waited for on a pool thread (which it occupies while anything is watched); as long as events
 * come in a row it is asked without that detour. Level-triggered: a callback that does not take what is there is
 * called again. The process stays alive while something is watched, and for nothing else.
 *
 * @source epoll(7), eventfd(2)
 */
export class Poller implements Disposable, AsyncDisposable {
  readonly #epoll = check('open epoll', epollCreate(EPOLL_CLOEXEC))
  readonly #wakeUp = check('open eventfd', eventfd(0, EFD_CLOEXEC_NONBLOCK))
  readonly #events = Buffer.alloc(eventsPerWait * eventBytes)
  readonly #watches = new Map<number, () => void>()
  readonly #tokens = new Map<number, number>()
  readonly #ended = Promise.withResolvers<void>()
  #lastToken = wakeToken
  /** `thread`: a pool thread sits in epoll_wait. `turn`: the next turn of the event loop asks. `calls`: callbacks run. */
  #state: 'idle' | 'thread' | 'turn' | 'calls' = 'idle'
  #closed = false
  readonly #spinMs: number
  #lastEvent = 0
  /** At exit, Node joins its pool threads: ours must come home first. */
  readonly #onExit = () => this.#interrupt()

  /**
   * @param parts.spinMs  for how long after an event the event loop goes on asking before a thread waits. Each question
   *   that comes meanwhile saves two changes of thread; about what those cost is a good value for a server
   */
  constructor({ spinMs = 0 }: { spinMs?: number } = {}) {
    this.#spinMs = spinMs
    this.#control(EPOLL_CTL_ADD, this.#wakeUp, EPOLLIN, wakeToken)
    process.once('exit', this.#onExit)
  }

  /**
   * Calls `callback` whenever `fd` is ready, until the returned guard is disposed: do that before closing `fd`.
   *
   * @throws {KernelError} `EEXIST` when `fd` is watched already, `EPERM` for a regular file
   */
  watch(fd: number, events: PollerEvents, callback: () => void): Disposable {
    const token = ++this.#lastToken
    this.#control(EPOLL_CTL_ADD, fd, interests[events], token)
    this.#watches.set(token, callback)
    this.#tokens.set(fd, token)
    if (this.#state === 'idle') this.#waitOnThread()
    return { [Symbol.dispose]: () => this.#unwatch(fd, token) }
  }

  #unwatch(fd: number, token: number): void {
    if (!this.#watches.delete(token) || this.#closed) return
    // Closed too early, the number may be somebody else's by now: then the kernel has forgotten it for us.
    if (this.#tokens.get(fd) === token) {
      this.#tokens.delete(fd)
      epollControl(this.#epoll, EPOLL_CTL_DEL, fd, null)
    }
    if (this.#watches.size === 0) this.#interrupt()
  }

  #control(operation: number, fd: number, events: number, token: number): void {
    const event = Buffer.alloc(eventBytes)
    event.writeUInt32LE(events, 0)
    event.writeBigUInt64LE(BigInt(token), dataOffset)
    check('watch descriptor', epollControl(this.#epoll, operation, fd, event))
  }

  #waitOnThread(): void {
    this.#state = 'thread'
    // -1 can only be EINTR here: nothing happened, ask again.
    epollWait.async(this.#epoll, this.#events, eventsPerWait, -1, (_, count) => this.#take(count))
  }

  #waitOneTurn(): void {
    this.#state = 'turn'
    setImmediate(() => this.#take(this.#closed ? 0 : epollWait(this.#epoll, this.#events, eventsPerWait, 0)))
  }

  #take(count: number): void {
    this.#state = 'calls'
    const ready = Array.from({ length: Math.max(0, count) }, (_, i) => this.#tokenAt(i))
    try {
      for (const token of ready) {
        if (this.#closed) break
        if (token === wakeToken) readCounter(this.#wakeUp, Buffer.alloc(8), 8)
        else this.#watches.get(token)?.() // gone when an earlier callback of this round disposed it
      }
    } finally {
      this.#state = 'idle'
      if (this.#closed) this.#close()
      else if (this.#watches.size > 0) this.#wait(ready.length > 0)
    }
  }

  #wait(hadEvents: boolean): void {
    const now = performance.now()
    if (hadEvents) this.#lastEvent = now
    if (hadEvents || now - this.#lastEvent < this.#spinMs) this.#waitOneTurn()
    else this.#waitOnThread()
  }

  #tokenAt(index: number): number {
    return Number(this.#events.readBigUInt64LE(index * eventBytes + dataOffset))
  }

  #interrupt(): void {
    if (this.#state === 'thread') writeCounter(this.#wakeUp, Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]), 8)
  }

  #close(): void {
    closeSync(this.#epoll)
    closeSync(this.#wakeUp)
    this.#ended.resolve()
  }

  /** Calls nobody any more. The two descriptors close as soon as the pool thread is back. */
  [Symbol.dispose](): void {
    if (this.#closed) return
    this.#closed = true
    this.#watches.clear()
    process.off('exit', this.#onExit)
    this.#interrupt()
    if (this.#state === 'idle') this.#close()
  }

  /** Like dispose, and waits until the descriptors are closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]()
    await this.#ended.promise
  }
}
