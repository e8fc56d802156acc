import type { LinkInfo } from '../../kernel/netlink/links.ts'
import type { NetworkChange } from '../../kernel/netlink/network-change.ts'
import { administratorsChain, tableName } from '../firewall/ruleset.ts'

/** What became of one link since somebody looked. */
export interface LinkNews {
  readonly link: LinkInfo
  readonly removed: boolean
  /** A bridge that was not there before: made, or made again. */
  readonly isNew: boolean
  /** An address of it is gone. */
  readonly addressLost: boolean
}

/** What happened to the host since somebody looked. */
export interface News {
  /** By name. */
  readonly links: ReadonlyMap<string, LinkNews>
  /** Somebody else was at our table. */
  readonly firewall: boolean
  /** The kernel could not tell all of it. */
  readonly lost: boolean
}

/** Where `HostNews` looks up what it is told about. */
export interface HostNewsParts {
  /** Whose changes to the firewall are our own. */
  readonly processId: number
  /** True for a cable of ours that is to be there. */
  readonly isCable: (name: string) => boolean
  /** True for an interface that networks sit on. */
  readonly isParent?: (name: string) => boolean
}

/**
 * Gathers what the kernel tells, as far as it may concern us, and keeps the last word about each link: what was
 * changed and put right again within one moment, as we do ourselves, is no news.
 *
 * Knows which bridges the host has, because notices of addresses name links by number.
 */
export class HostNews {
  readonly #processId: number
  readonly #isCable: (name: string) => boolean
  readonly #isParent: (name: string) => boolean
  /** As they were heard of last: what sits on them makes the kernel tell of them, too. */
  readonly #parents = new Map<string, Pick<LinkInfo, 'index' | 'up'>>()
  readonly #bridges = new Map<string, LinkInfo>()
  readonly #bridgeNames = new Map<number, string>()
  #links = new Map<string, LinkNews>()
  #firewall = false
  #lost = false
  /** In the transaction that is being told. */
  #touched = false

  constructor({ processId, isCable, isParent = () => false }: HostNewsParts) {
    this.#processId = processId
    this.#isCable = isCable
    this.#isParent = isParent
  }

  /** Takes the links of the host as they are. */
  know(links: readonly LinkInfo[]): void {
    this.#bridges.clear()
    this.#bridgeNames.clear()
    this.#parents.clear()
    for (const link of links) {
      this.#know(link)
      if (this.#isParent(link.name)) this.#parents.set(link.name, link)
    }
  }

  #know(link: LinkInfo): void {
    if (link.kind !== 'bridge') return
    this.#bridges.set(link.name, link)
    this.#bridgeNames.set(link.index, link.name)
  }

  /** Index of a bridge; undefined when there is none of that name. */
  bridgeIndex(name: string): number | undefined {
    return this.#bridges.get(name)?.index
  }

  /** Hears one change. @returns whether there is something to look at now */
  hear(change: NetworkChange): boolean {
    switch (change.kind) {
      case 'link':
        return this.#hearLink(change.link, change.removed)
      case 'address':
        return change.removed && this.#hearAddressLost(change.address.index)
      case 'nftables':
        return this.#hearNftables(change.notice)
      case 'lost':
        this.#touched = false
        this.#lost = true
        return true
      default:
        return false
    }
  }

  #hearLink(link: LinkInfo, removed: boolean): boolean {
    const { name, index, kind } = link
    if (kind !== 'bridge') {
      const isNews = this.#isCable(name) || (this.#isParent(name) && this.#hearParent(link, removed))
      if (!isNews) return false
      this.#links.set(name, { link, removed, isNew: false, addressLost: false })
      return true
    }
    const known = this.#bridges.get(name)
    const { isNew = false, addressLost = false } = this.#links.get(name) ?? {}
    this.#links.set(name, { link, removed, isNew: isNew || known?.index !== index, addressLost })
    if (!removed) this.#know(link)
    else if (known?.index === index) {
      this.#bridges.delete(name)
      this.#bridgeNames.delete(index)
    }
    return true
  }

  /** @returns whether it came, went, or was switched */
  #hearParent({ name, index, up }: LinkInfo, removed: boolean): boolean {
    const known = this.#parents.get(name)
    if (removed) this.#parents.delete(name)
    else this.#parents.set(name, { index, up })
    return removed || known?.index !== index || known.up !== up
  }

  #hearAddressLost(index: number): boolean {
    const name = this.#bridgeNames.get(index)
    const link = this.#bridges.get(name ?? '')
    if (name === undefined || link === undefined) return false
    const news = this.#links.get(name) ?? { link, removed: false, isNew: false }
    this.#links.set(name, { ...news, addressLost: true })
    return true
  }

  #hearNftables(notice: Extract<NetworkChange, { kind: 'nftables' }>['notice']): boolean {
    if (notice.object !== 'generation') {
      const { family, table, name, object } = notice
      const isOurs = family === 'inet' && table === tableName
      this.#touched ||= isOurs && !(object === 'rule' && name === administratorsChain)
      return false
    }
    const isDamage = this.#touched && notice.processId !== this.#processId
    this.#touched = false
    this.#firewall ||= isDamage
    return isDamage
  }

  /** Everything since the last time. */
  take(): News {
    const news = { links: this.#links, firewall: this.#firewall, lost: this.#lost }
    this.#links = new Map()
    this.#firewall = false
    this.#lost = false
    return news
  }
}
