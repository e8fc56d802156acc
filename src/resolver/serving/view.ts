import { noRecords, type RecordSet } from '../../wire/dns/answer.ts'
import { recordType } from '../../wire/dns/constants.ts'
import { foldCase, labelStarts, type NameKey, nameKey, wireName } from '../../wire/dns/name.ts'
import type { SandboxSetup } from '../protocol.ts'
import { type NameEntry, type NameTable, pointerRecord, renderEntry } from './names.ts'

/** A network that a container is on, as names see it. */
interface VisibleNetwork {
  readonly id: string
  readonly key: NameKey
  /** Its name in wire form, as it is written. */
  readonly shown: string
}

/** The names that one container sees: its links, then its networks in their order. */
export class NameView {
  readonly #table: NameTable
  readonly #networks: readonly VisibleNetwork[]
  readonly #links = new Map<NameKey, NameEntry>()

  constructor(table: NameTable, { networks, links }: Pick<SandboxSetup, 'networks' | 'links'>) {
    this.#table = table
    this.#networks = networks.map(({ id, name }) => {
      const shown = wireName(name) ?? ''
      return { id, key: foldCase(shown), shown }
    })
    for (const [alias, addresses] of Object.entries(links)) {
      const key = nameKey(alias)
      if (key !== undefined) this.#links.set(key, renderEntry(addresses))
    }
  }

  /**
   * What we answer about a name; `undefined` when it is none of ours.
   *
   * A name that is known without the type asked is answered with `noRecords`, so that it is never forwarded: somebody
   * else's idea of it would be wrong.
   */
  find(key: NameKey, type: number): RecordSet | undefined {
    let found = this.#findIn(this.#networks, key, type)
    if (found !== undefined && found !== noRecords) return found
    const firstLabelEnd = 1 + key.charCodeAt(0)
    if (firstLabelEnd < key.length) {
      // "a.b.c" may be "a.b" on the network "c", or "a" on "b.c": both sorts of names may have dots.
      for (const start of labelStarts(key).slice(1).reverse()) {
        const network = key.slice(start)
        const networks = this.#networks.filter((candidate) => candidate.key === network)
        if (networks.length === 0) continue
        const split = this.#findIn(networks, key.slice(0, start), type)
        if (split !== undefined && split !== noRecords) return split
        found ??= split
      }
    }
    return found ?? (type === recordType.PTR ? this.#findPointer(key) : undefined)
  }

  #findIn(networks: readonly VisibleNetwork[], key: NameKey, type: number): RecordSet | undefined {
    const link = this.#links.size === 0 ? undefined : this.#links.get(key)
    let known = link !== undefined
    if (link !== undefined) {
      const records = recordsOf(link, type)
      if (records !== noRecords) return records
    }
    for (const { id } of networks) {
      const entry = this.#table.entry(id, key)
      if (entry === undefined) continue
      const records = recordsOf(entry, type)
      if (records !== noRecords) return records
      known = true
    }
    return known ? noRecords : undefined
  }

  #findPointer(key: NameKey): RecordSet | undefined {
    for (const network of this.#networks) {
      const name = this.#table.pointer(network.id, key)
      if (name !== undefined) return pointerRecord(name, network.shown)
    }
    return undefined
  }
}

/** The records of one type. ANY gets one family, as RFC 8482 §4.1 allows. */
export function recordsOf(entry: NameEntry, type: number): RecordSet {
  if (type === recordType.A) return entry.v4
  if (type === recordType.AAAA) return entry.v6
  if (type !== recordType.ANY) return noRecords
  return entry.v4 === noRecords ? entry.v6 : entry.v4
}
