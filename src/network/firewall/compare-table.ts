import type { NftObject } from '../../kernel/nftables.ts'
import { ipBytes, ipText } from '../../wire/ip-address.ts'
import { type Element, elementIdentity } from './elements.ts'
import { administratorsChain } from './ruleset.ts'

/** A table as it is in the kernel, in a form that can be compared. */
export interface TableState {
  /** Everything but the members of sets, each thing under its name: `"chain nat-output"`, with all its rules. */
  readonly skeleton: ReadonlyMap<string, string>
  /** What each member leads to, under its identity; empty for a member of a set. */
  readonly elements: ReadonlyMap<string, string>
}

/** How a table differs from what it is to be. */
export interface TableDifference {
  /** `"chain nat-output"`, `"set bridges"`: gone, or not as it was. */
  readonly skeleton: readonly string[]
  readonly missing: readonly Element[]
  /** Identities of members that somebody else put there. */
  readonly extra: readonly string[]
}

/** Reads what `nft -j list table` says; the administrator's chain counts by its being there only. Pure. */
export function readTable(objects: readonly NftObject[]): TableState {
  const skeleton = new Map<string, string>()
  const elements = new Map<string, string>()
  for (const object of objects) {
    for (const [kind, { handle: _, elem = [], ...rest }] of Object.entries(object)) {
      const ofChain = kind === 'rule' ? `chain ${rest['chain']}` : undefined
      if (ofChain === `chain ${administratorsChain}`) continue
      const name = ofChain ?? `${kind} ${rest['name']}`
      skeleton.set(name, `${skeleton.get(name) ?? ''}${JSON.stringify(rest)}\n`)
      if (kind !== 'set' && kind !== 'map') continue
      for (const member of elem as readonly unknown[]) {
        const [key, data] = Array.isArray(member) ? member : [member, undefined]
        elements.set(`${rest['name']} ${textOf(key)}`, data === undefined ? '' : textOf(data))
      }
    }
  }
  return { skeleton, elements }
}

/** Compares a table with its skeleton as it was when it was whole, and with the elements that it is to have. Pure. */
export function compareTable(
  actual: TableState,
  skeleton: TableState['skeleton'],
  wanted: Iterable<Element>,
): TableDifference {
  const names = new Set([...skeleton.keys(), ...actual.skeleton.keys()])
  const extra = new Set(actual.elements.keys())
  const missing = Array.from(wanted).filter((element) => {
    const identity = plainIdentity(element)
    extra.delete(identity)
    return actual.elements.get(identity) !== plain(element.data ?? '')
  })
  return {
    skeleton: [...names].filter((name) => skeleton.get(name) !== actual.skeleton.get(name)),
    missing,
    extra: [...extra],
  }
}

function plainIdentity({ set, key }: Element): string {
  return elementIdentity({ set, key: plain(key) })
}

/** The one way to write an element's words. */
function plain(text: string): string {
  return text.split(' . ').map(plainWord).join(' . ')
}

function plainWord(word: string): string {
  const [, address = word.replaceAll('"', ''), length = ''] =
    /^([\da-f:.]*[:.][\da-f:.]*)(?:\/(\d+))?$/i.exec(word) ?? []
  if (!/[:.]/.test(address) || word.startsWith('"')) return address
  const bytes = ipBytes(address)
  return `${ipText(bytes)}${length === '' || Number(length) === bytes.length * 8 ? '' : `/${length}`}`
}

/** A key or data of nft's JSON, in the words of our elements. */
function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return plainOrAsItIs(String(value))
  const { elem, val, concat, prefix, range } = value as Readonly<Record<string, unknown>>
  if (elem !== undefined) return textOf((elem as { readonly val: unknown }).val)
  if (val !== undefined) return textOf(val)
  if (Array.isArray(concat)) return concat.map(textOf).join(' . ')
  if (Array.isArray(range)) return range.map(textOf).join('-')
  if (prefix === undefined) return JSON.stringify(value)
  const { addr, len } = prefix as { readonly addr: string; readonly len: number }
  return plainOrAsItIs(`${addr}/${len}`)
}

function plainOrAsItIs(word: string): string {
  try {
    return plainWord(word)
  } catch (error) {
    if (error instanceof RangeError) return word
    throw error
  }
}
