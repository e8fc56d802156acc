import { listLinks } from '../../kernel/netlink/links.ts'
import type { NetlinkSocket } from '../../kernel/netlink/netlink-socket.ts'
import type { NetworkChange } from '../../kernel/netlink/network-change.ts'

/** Names and numbers of the host's interfaces, as far as was heard: nobody has to ask the kernel for each. */
export class HostLinks {
  readonly #host: NetlinkSocket
  readonly #names = new Map<number, string>()
  readonly #indexes = new Map<string, number>()
  #isListed = false

  constructor(host: NetlinkSocket) {
    this.#host = host
  }

  /** Hears one change. */
  hear(change: NetworkChange): void {
    if (change.kind === 'lost') this.doubt()
    if (change.kind !== 'link' || !this.#isListed) return
    this.#forget(change.link.index)
    if (!change.removed) this.#put(change.link)
  }

  /** Nothing that was known is certain any more. */
  doubt(): void {
    this.#isListed = false
  }

  nameOf(index: number): string | undefined {
    this.#list()
    return this.#names.get(index)
  }

  indexOf(name: string): number | undefined {
    this.#list()
    return this.#indexes.get(name)
  }

  #list(): void {
    if (this.#isListed) return
    this.#names.clear()
    this.#indexes.clear()
    for (const link of listLinks(this.#host)) this.#put(link)
    this.#isListed = true
  }

  #put({ index, name }: { readonly index: number; readonly name: string }): void {
    this.#names.set(index, name)
    this.#indexes.set(name, index)
  }

  #forget(index: number): void {
    const name = this.#names.get(index)
    if (name === undefined) return
    this.#names.delete(index)
    if (this.#indexes.get(name) === index) this.#indexes.delete(name)
  }
}
