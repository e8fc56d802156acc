import { closeSync, fstatSync, openSync } from 'node:fs'
import { check, libcFunction } from './libc.ts'

const CLONE_NEWNET = 0x40000000

const unshare = libcFunction('int unshare(int flags)')
const setns = libcFunction('int setns(int fd, int nstype)')

/** A network namespace held open by a file descriptor. It lives as long as something holds it. */
export class NetworkNamespace implements Disposable {
  readonly fd: number
  #open = true

  private constructor(fd: number) {
    this.fd = fd
  }

  /** The namespace this thread is in. */
  static current(): NetworkNamespace {
    return NetworkNamespace.at('/proc/thread-self/ns/net')
  }

  /** The namespace a path names: `/proc/<pid>/ns/net`, or a bind mount of one. */
  static at(path: string): NetworkNamespace {
    return new NetworkNamespace(openSync(path, 'r'))
  }

  /** A new, empty namespace: one loopback device, down. */
  static create(): NetworkNamespace {
    using home = NetworkNamespace.current()
    check('create network namespace', unshare(CLONE_NEWNET))
    try {
      return NetworkNamespace.current()
    } finally {
      home.#enter()
    }
  }

  /** Runs `body` inside this namespace. It must be synchronous: the whole thread is moved. */
  run<T>(body: () => T extends Promise<unknown> ? never : T): T {
    using home = NetworkNamespace.current()
    this.#enter()
    try {
      return body()
    } finally {
      home.#enter()
    }
  }

  #enter(): void {
    check('enter network namespace', setns(this.fd, CLONE_NEWNET))
  }

  /** A path other programs can open: `nsenter --net=<path>`. */
  get path(): string {
    return `/proc/${process.pid}/fd/${this.fd}`
  }

  /** The same for two handles of one namespace, and no other's while it lives. @source namespaces(7) */
  get inode(): number {
    return fstatSync(this.fd).ino
  }

  [Symbol.dispose](): void {
    if (this.#open) closeSync(this.fd)
    this.#open = false
  }
}
