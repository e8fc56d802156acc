import type { Background } from '../base/background.ts'
import { deleteLinkAsync, findLink } from '../kernel/links.ts'
import type { NetlinkSocket } from '../kernel/netlink-socket.ts'

/** How long a link may outlive the namespace that its other end was in, before it is removed by hand. Milliseconds. */
const grace = 1000

/**
 * Deletes links of the host behind everybody's back: the kernel keeps whoever asks for it waiting for up to 40 ms.
 */
export class LinkReaper {
  readonly #netlink: NetlinkSocket
  readonly #background: Background
  readonly #underWay = new Map<string, Promise<void>>()
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor({ netlink, background }: { netlink: NetlinkSocket; background: Background }) {
    this.#netlink = netlink
    this.#background = background
  }

  /** Begins to delete a link; absent is success. The name is free when `whenGone` says so. */
  delete(name: string): void {
    if (this.#underWay.has(name)) return
    const done = deleteLinkAsync(this.#netlink, name)
    const settled = done.then(
      () => {},
      () => {}, // told by the background
    )
    this.#underWay.set(name, settled)
    void settled.then(() => this.#underWay.delete(name))
    this.#background.run(`delete link "${name}"`, () => done)
  }

  /** Waits until a deletion that is under way has let go of the name. */
  async whenGone(name: string): Promise<void> {
    await this.#underWay.get(name)
  }

  /** Waits until nobody sees the link any more; the kernel's own tidying up goes on. */
  async deleteFromSight(name: string): Promise<void> {
    this.delete(name)
    while (this.#underWay.has(name) && findLink(this.#netlink, name) !== undefined) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** The link is about to go by itself, with the namespace of its other end. Should something hold that, it is deleted. */
  expectGone(name: string): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      if (findLink(this.#netlink, name) !== undefined) this.delete(name)
    }, grace)
    timer.unref()
    this.#timers.add(timer)
  }

  /** Begins nothing more. What is under way is waited for by the background's owner. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }
}
