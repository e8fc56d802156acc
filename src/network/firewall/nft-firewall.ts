import type { Log } from '../../base/log.ts'
import { type Element, elementIdentity } from './elements.ts'
import { type RulesetOptions, renderAdditions, renderAllElements, renderRemovals, renderSkeleton } from './ruleset.ts'

/** Runs nft text as one transaction; throws, with nothing done, when the kernel refuses it. */
export interface NftRunner {
  run(text: string): unknown
}

/** What changes in one transaction. An element that is there already, or gone already, is no mistake. */
export interface FirewallChange {
  readonly add?: Iterable<Element>
  readonly remove?: Iterable<Element>
}

/**
 * The table `inet wharf`: a fixed skeleton, and sets whose members are all that ever changes.
 *
 * What the table is to hold is kept here, so that a change costs the same however much is in it, and so that all of
 * it can be written again when somebody else flushed the rules.
 */
export class NftFirewall {
  readonly #nft: NftRunner
  readonly #options: RulesetOptions
  readonly #log: Log
  #elements: Map<string, Element> = new Map<string, Element>()
  #hasSkeleton = false

  constructor({ nft, options, log }: { nft: NftRunner; options: RulesetOptions; log: Log }) {
    this.#nft = nft
    this.#options = options
    this.#log = log
  }

  /** Writes skeleton and exactly these elements, in one transaction: no packet sees anything in between. */
  ensure(elements: Iterable<Element>): void {
    const wanted = new Map(Array.from(elements, (element) => [elementIdentity(element), element]))
    this.#nft.run(renderSkeleton(this.#options) + renderAllElements(wanted.values()))
    this.#elements = wanted
    this.#hasSkeleton = true
  }

  /** Writes all of what the table is to hold again, in one transaction. Other nft text may go `before` and `after`. */
  rewrite({ before = '', after = '' }: { readonly before?: string; readonly after?: string } = {}): void {
    this.#nft.run(before + renderSkeleton(this.#options) + renderAllElements(this.#elements.values()) + after)
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
      this.#nft.run(renderRemovals(gone.values()) + renderAdditions(come.values()))
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
