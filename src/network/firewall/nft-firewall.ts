import { isErrno } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { SetChange } from '../../kernel/nft-elements.ts'
import { type Element, elementIdentity, elementSets } from './elements.ts'
import {
  administratorsChain,
  memberOf,
  type RulesetOptions,
  renderAllElements,
  renderSkeleton,
  tableName,
} from './ruleset.ts'

/** Runs nft text as one transaction, and gives what it prints; throws, with nothing done, when the kernel refuses it. */
export interface NftRunner {
  run(text: string): string | undefined
}

/** Changes members of the table's sets, as one transaction; throws, with nothing done, when the kernel refuses it. */
export interface ElementWriter {
  change(change: { readonly add: readonly SetChange[]; readonly remove: readonly SetChange[] }): void
}

/** What changes in one transaction. An element that is there already, or gone already, is no mistake. */
export interface FirewallChange {
  readonly add?: Iterable<Element>
  readonly remove?: Iterable<Element>
}

/** What the firewall works with. */
export interface FirewallParts {
  /** For chains and rules, and for writing everything. */
  readonly nft: NftRunner
  /** For what changes from one moment to the next. */
  readonly writer: ElementWriter
  readonly options: RulesetOptions
  readonly log: Log
}

/**
 * The table `inet wharf`: a fixed skeleton, and sets whose members are all that ever changes.
 *
 * What the table is to hold is kept here, so that a change costs the same however much is in it, and so that all of
 * it can be written again when somebody else flushed the rules.
 */
export class NftFirewall {
  readonly #nft: NftRunner
  readonly #writer: ElementWriter
  readonly #options: RulesetOptions
  readonly #log: Log
  #elements: Map<string, Element> = new Map<string, Element>()
  #hasSkeleton = false

  constructor({ nft, writer, options, log }: FirewallParts) {
    this.#nft = nft
    this.#writer = writer
    this.#options = options
    this.#log = log
  }

  /** Writes skeleton and exactly these elements, in one transaction: no packet sees anything in between. */
  ensure(elements: Iterable<Element>): void {
    const wanted = new Map(Array.from(elements, (element) => [elementIdentity(element), element]))
    this.#writeAll(wanted)
    this.#elements = wanted
    this.#hasSkeleton = true
  }

  /**
   * Writes all of what the table is to hold again, in one transaction.
   *
   * @param fromNothing  throws the table away in the same transaction; the administrator's rules stay
   */
  rewrite({ fromNothing = false } = {}): void {
    if (fromNothing) this.#writeFromNothing(this.#elements)
    else this.#writeAll(this.#elements)
  }

  #writeAll(elements: ReadonlyMap<string, Element>): void {
    try {
      this.#nft.run(renderSkeleton(this.#options) + renderAllElements(elements.values()))
    } catch (error) {
      // Somebody may have put in our table what is in the way: a chain on another hook, a table that sleeps.
      this.#log.warn('makes the firewall from nothing', { error })
      this.#writeFromNothing(elements)
    }
  }

  #writeFromNothing(elements: ReadonlyMap<string, Element>): void {
    const kept = this.#administratorsRules()
    this.#nft.run(
      `add table inet ${tableName}\ndelete table inet ${tableName}\n` +
        renderSkeleton(this.#options) +
        renderAllElements(elements.values()) +
        kept,
    )
  }

  #administratorsRules(): string {
    try {
      return this.#nft.run(`list chain inet ${tableName} ${administratorsChain}`) ?? ''
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error
      return ''
    }
  }

  /** False: the table is as an earlier engine left it. */
  get isWritten(): boolean {
    return this.#hasSkeleton
  }

  /** What the table is to hold now. */
  get elements(): Iterable<Element> {
    return this.#elements.values()
  }

  /** Removes, then adds, in one transaction. @throws {KernelError} with nothing changed */
  change({ add = [], remove = [] }: FirewallChange): void {
    const gone = new Map<string, Element>()
    const come = new Map<string, Element>()
    for (const element of remove) {
      const present = this.#elements.get(elementIdentity(element))
      if (present !== undefined) gone.set(elementIdentity(element), present)
    }
    for (const element of add) {
      const identity = elementIdentity(element)
      const present = this.#elements.get(identity)
      if (present?.data === element.data && present !== undefined) gone.delete(identity)
      else {
        if (present !== undefined) gone.set(identity, present)
        come.set(identity, element)
      }
    }
    if (gone.size + come.size > 0) this.#write(gone, come)
  }

  #write(gone: ReadonlyMap<string, Element>, come: ReadonlyMap<string, Element>): void {
    try {
      if (!this.#hasSkeleton) throw new Error('nothing is written yet')
      this.#writer.change({ remove: bySet(gone.values()), add: bySet(come.values()) })
    } catch (error) {
      // The usual reason is that somebody flushed our table: then all of it is written again.
      if (this.#hasSkeleton) this.#log.warn('rewrites the firewall', { error })
      this.ensure(new Map([...this.#elements].filter(([identity]) => !gone.has(identity)).concat([...come])).values())
      return
    }
    for (const identity of gone.keys()) this.#elements.delete(identity)
    for (const [identity, element] of come) this.#elements.set(identity, element)
  }
}

function bySet(elements: Iterable<Element>): SetChange[] {
  const grouped = Map.groupBy(elements, ({ set }) => set)
  return Array.from(grouped, ([set, members]) => ({ set, ...elementSets[set], members: members.map(memberOf) }))
}
