import { type LinkInfo, listLinks } from '../../kernel/netlink/links.ts'
import type { NetlinkSocket } from '../../kernel/netlink/netlink-socket.ts'
import type { NetworkChange } from '../../kernel/netlink/network-change.ts'

/** What is known of an interface of the host. */
export type KnownLink = Pick<LinkInfo, 'index' | 'name' | 'alias'>

/** The host's interfaces, as far as was heard: nobody has to ask the kernel for each. */
export class HostLinks {
  readonly #host: NetlinkSocket
  readonly #links = new Map<number, KnownLink>()
  #isListed = false

  constructor(host: NetlinkSocket) {
    this.#host = host
  }

  /** Hears one change. */
  hear(change: NetworkChange): void {
    if (change.kind === 'lost') this.doubt()
    if (change.kind !== 'link' || !this.#isListed) return
    if (change.removed) this.#links.delete(change.link.index)
    else this.#put(change.link)
  }

  /** Nothing that was known is certain any more. */
  doubt(): void {
    this.#isListed = false
  }

  /** The interface of that number. */
  link(index: number): KnownLink | undefined {
    if (!this.#isListed) {
      this.#links.clear()
      for (const link of listLinks(this.#host)) this.#put(link)
      this.#isListed = true
    }
    return this.#links.get(index)
  }

  #put({ index, name, alias }: LinkInfo): void {
    this.#links.set(index, { index, name, alias })
  }
}
