import type { Background } from '../../base/background.ts'
import { deleteLinkAsync, deleteLinkGroupAsync, findLink, setLink } from '../../kernel/netlink/links.ts'
import type { NetlinkSocket } from '../../kernel/netlink/netlink-socket.ts'

/** How long a link may outlive the namespace that its other end was in, before it is removed by hand. Milliseconds. */
const grace = 1000
/** Condemned links go when nothing else was asked for so long, and at the latest after `longest`. Milliseconds. */
const quiet = 20
const longest = 250
/** What condemned links have in common: any number that nobody else uses. */
const condemnedGroup = 0x57_48_41_52

/** A namespace, open for a moment. */
interface PlaceOfLinks extends Disposable {
  readonly netlink: NetlinkSocket
}

/** A link that should go by itself, and where it is. */
interface ExpectedEnd {
  readonly index: number
  readonly timer: NodeJS.Timeout
  readonly open: () => PlaceOfLinks | undefined
}

/**
 * Deletes links of the host behind everybody's back: the kernel keeps whoever asks for it waiting for up to 40 ms.
 *
 * With a bridge it keeps everybody else waiting too, for some 15 ms. Bridges are condemned, and go together when
 * nobody is looking.
 */
export class LinkReaper {
  readonly #netlink: NetlinkSocket
  readonly #background: Background
  readonly #underWay = new Map<string, Promise<void>>()
  readonly #expected = new Map<string, ExpectedEnd>()
  readonly #condemned = new Set<string>()
  #condemnedSince = 0
  #quietTimer: NodeJS.Timeout | undefined

  constructor({ netlink, background }: { netlink: NetlinkSocket; background: Background }) {
    this.#netlink = netlink
    this.#background = background
  }

  /**
   * Begins to delete a link; absent is success. The name is free when `whenGone` says so.
   *
   * @param netlink of its namespace, when that is not the host's
   * @param key     what nothing else that is deleted is called, when the name is not
   */
  delete(name: string, netlink = this.#netlink, key = name): void {
    if (!this.#underWay.has(key)) this.#begin(`delete link "${name}"`, [key], deleteLinkAsync(netlink, name))
  }

  /** Switches a link off, and deletes it soon. The name is free when `whenGone` says so. */
  condemn(name: string): void {
    const link = findLink(this.#netlink, name)
    if (link === undefined) return
    setLink(this.#netlink, link.index, { up: false, group: condemnedGroup })
    if (this.#condemned.size === 0) this.#condemnedSince = Date.now()
    this.#condemned.add(name)
    this.postpone()
  }

  /** Somebody is busy with the network now: what is condemned waits, though not for ever. */
  postpone(): void {
    if (this.#condemned.size === 0) return
    clearTimeout(this.#quietTimer)
    const left = this.#condemnedSince + longest - Date.now()
    this.#quietTimer = setTimeout(() => this.deleteCondemned(), Math.max(0, Math.min(quiet, left)))
  }

  /** Begins to delete what is condemned, without waiting for a quiet moment. */
  deleteCondemned(): void {
    clearTimeout(this.#quietTimer)
    if (this.#condemned.size === 0) return
    const names = [...this.#condemned]
    this.#condemned.clear()
    // For a group the kernel looks at every link of the host.
    const [only = '', ...others] = names
    const done =
      others.length === 0 ? deleteLinkAsync(this.#netlink, only) : deleteLinkGroupAsync(this.#netlink, condemnedGroup)
    this.#begin('delete condemned links', names, done)
  }

  #begin(what: string, names: readonly string[], done: Promise<void>): void {
    const settled = done.then(
      () => {},
      () => {}, // told by the background
    )
    for (const name of names) this.#underWay.set(name, settled)
    void settled.then(() => {
      for (const name of names) if (this.#underWay.get(name) === settled) this.#underWay.delete(name)
    })
    this.#background.run(what, () => done)
  }

  /** Waits until a deletion that is under way, decided or expected has let go of the name. */
  async whenGone(name: string): Promise<void> {
    if (this.#condemned.has(name)) this.deleteCondemned()
    this.#deleteExpected(name)
    await this.#underWay.get(name)
  }

  /** Waits until nobody sees the link any more; the kernel's own tidying up goes on. Parameters as of `delete`. */
  async deleteFromSight(name: string, netlink = this.#netlink, key = name): Promise<void> {
    this.delete(name, netlink, key)
    while (this.#underWay.has(key) && findLink(netlink, name) !== undefined) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /**
   * The link is about to go by itself, with the namespace of its other end. Should something hold that, it is deleted:
   * that very link, not one that has got its name meanwhile.
   *
   * @param open opens the namespace that it is in, when that is not the host's; undefined when that is gone
   */
  expectGone(name: string, open: () => PlaceOfLinks | undefined = () => this.#host()): void {
    using place = open()
    const index = place && findLink(place.netlink, name)?.index
    if (index === undefined) return
    const look = async () => this.#deleteExpected(name)
    const timer = setTimeout(() => this.#background.run(`look for link "${name}"`, look), grace)
    timer.unref()
    this.#expected.set(name, { index, timer, open })
  }

  #deleteExpected(name: string): void {
    const expected = this.#expected.get(name)
    if (expected === undefined) return
    this.#expected.delete(name)
    clearTimeout(expected.timer)
    using place = expected.open()
    if (place !== undefined && findLink(place.netlink, name)?.index === expected.index) this.delete(name, place.netlink)
  }

  #host(): PlaceOfLinks {
    return { netlink: this.#netlink, [Symbol.dispose]() {} }
  }

  /** Begins nothing more. What is under way is waited for by the background's owner. */
  close(): void {
    this.deleteCondemned()
    for (const { timer } of this.#expected.values()) clearTimeout(timer)
    this.#expected.clear()
  }
}
