import type { Family, Prefix } from './prefix.ts'

/** A block that something of it is taken of. */
interface Node {
  /** How often exactly this block is taken. */
  taken: number
  readonly halves: [Node | undefined, Node | undefined]
  /** Bits of the largest block below that is free as a whole; `none` where there is not one address. */
  largest: number
}

/** Where a free block is looked for. */
export interface Search {
  /** Of which it is to be a part. */
  readonly base: Prefix
  /** Its bits; not fewer than those of `base`. */
  readonly length: number
  /** No lower than this, which is the beginning of a block of that length. */
  readonly from: bigint
}

/** What can be asked of blocks that are taken. */
export type Taken = Pick<TakenBlocks, 'touches' | 'firstFree'>

const widths: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 }
const none = 129

/**
 * Blocks of addresses that are taken, some of them more than once, halved and halved again: to find a free one takes
 * as many steps as its length has bits, however many are taken.
 */
export class TakenBlocks {
  readonly #roots: Readonly<Record<Family, Node>> = { ipv4: newNode(), ipv6: newNode() }

  constructor(blocks: Iterable<Prefix> = []) {
    for (const block of blocks) this.put(block)
  }

  /** Takes a block, once more if it is taken already. */
  put(block: Prefix): void {
    const path = [this.#roots[block.family]]
    for (let bit = 0; bit < block.length; bit++) {
      const { halves } = path[bit]!
      const half = halfOf(block, bit)
      const next = halves[half] ?? newNode()
      halves[half] = next
      path.push(next)
    }
    path[block.length]!.taken++
    settle(path)
  }

  /** Gives a block back that was taken once. One that is free is no mistake. */
  delete(block: Prefix): void {
    const path = [this.#roots[block.family]]
    for (let bit = 0; bit < block.length; bit++) {
      const next = path[bit]!.halves[halfOf(block, bit)]
      if (next === undefined) return
      path.push(next)
    }
    const node = path[block.length]!
    if (node.taken === 0) return
    node.taken--
    for (let bit = block.length - 1; bit >= 0 && isEmpty(path[bit + 1]!); bit--) {
      path[bit]!.halves[halfOf(block, bit)] = undefined
      path.pop()
    }
    settle(path)
  }

  /** True when any address of the block is taken. */
  touches(block: Prefix): boolean {
    let node: Node | undefined = this.#roots[block.family]
    for (let bit = 0; bit < block.length && node !== undefined; bit++) {
      if (node.taken > 0) return true
      node = node.halves[halfOf(block, bit)]
    }
    return node !== undefined && !isEmpty(node)
  }

  /** The first address of the lowest block that is free as a whole; undefined when there is none. */
  firstFree({ base, length, from }: Search): bigint | undefined {
    let node: Node | undefined = this.#roots[base.family]
    for (let bit = 0; bit < base.length && node !== undefined; bit++) {
      if (node.taken > 0) return undefined
      node = node.halves[halfOf(base, bit)]
    }
    return freeBelow({ node, first: base.first, bits: base.length }, length, from, widths[base.family])
  }
}

/** A block in a search, with its node where something of it is taken. */
interface Place {
  readonly node: Node | undefined
  readonly first: bigint
  readonly bits: number
}

function freeBelow({ node, first, bits }: Place, length: number, from: bigint, width: number): bigint | undefined {
  if (from > first + (1n << BigInt(width - bits)) - 1n) return undefined
  if (node === undefined || isEmpty(node)) return from > first ? from : first
  if (node.largest > length) return undefined
  const middle = first + (1n << BigInt(width - bits - 1))
  return (
    freeBelow({ node: node.halves[0], first, bits: bits + 1 }, length, from, width) ??
    freeBelow({ node: node.halves[1], first: middle, bits: bits + 1 }, length, from, width)
  )
}

function newNode(): Node {
  return { taken: 0, halves: [undefined, undefined], largest: none }
}

function isEmpty({ taken, halves }: Node): boolean {
  return taken === 0 && halves[0] === undefined && halves[1] === undefined
}

/** Which half of a block of `bit` bits a smaller one lies in. */
function halfOf({ family, first }: Prefix, bit: number): 0 | 1 {
  return ((first >> BigInt(widths[family] - 1 - bit)) & 1n) === 0n ? 0 : 1
}

/** Counts again along a path, from its end: what is free below. */
function settle(path: readonly Node[]): void {
  for (let bits = path.length - 1; bits >= 0; bits--) {
    const node = path[bits]!
    const [low, high] = node.halves
    node.largest = node.taken > 0 ? none : Math.min(low?.largest ?? bits + 1, high?.largest ?? bits + 1)
  }
}
