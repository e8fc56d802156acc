import { noRecords, type RecordSet, renderPointer, renderRecords } from '../../wire/dns/answer.ts'
import { recordType } from '../../wire/dns/constants.ts'
import { foldCase, type NameKey, pointerKey, wireName } from '../../wire/dns/name.ts'
import { ipBytes } from '../../wire/ip-address.ts'
import type { NamedEndpoint } from '../protocol.ts'

/** Seconds that a client may keep one of our names, as Docker says. */
const nameTtl = 600

/** The addresses of one name, ready to be copied into answers. */
export interface NameEntry {
  readonly v4: RecordSet
  readonly v6: RecordSet
}

/** Renders addresses of both families; the same one twice counts once. @param ttl seconds */
export function renderEntry(addresses: Iterable<string>, ttl = nameTtl): NameEntry {
  const bytes = Array.from(new Set(addresses), ipBytes)
  const v4 = bytes.filter(({ length }) => length === 4)
  const v6 = bytes.filter(({ length }) => length === 16)
  return {
    v4: v4.length === 0 ? noRecords : renderRecords(recordType.A, ttl, v4),
    v6: v6.length === 0 ? noRecords : renderRecords(recordType.AAAA, ttl, v6),
  }
}

/** One endpoint with its names as keys. */
interface Member {
  readonly endpoint: NamedEndpoint
  readonly keys: readonly NameKey[]
  /** The first of its names as it is written; undefined: it has none. */
  readonly shown: string | undefined
  readonly pointers: readonly NameKey[]
}

/** The names of one network. */
class NetworkNames {
  readonly entries = new Map<NameKey, NameEntry>()
  /** Names as they are written. */
  readonly pointers = new Map<NameKey, string>()
  /** Who has a name, in the order they came: several containers may share an alias. */
  readonly #holders = new Map<NameKey, Set<Member>>()

  get empty(): boolean {
    return this.#holders.size === 0 && this.pointers.size === 0
  }

  add(member: Member): void {
    for (const key of member.keys) {
      const holders = this.#holders.get(key) ?? new Set()
      this.#holders.set(key, holders.add(member))
      this.#render(key, holders)
    }
    const { shown } = member
    if (shown !== undefined) for (const pointer of member.pointers) this.pointers.set(pointer, shown)
  }

  remove(member: Member): void {
    for (const key of member.keys) {
      const holders = this.#holders.get(key)
      if (!holders?.delete(member)) continue
      if (holders.size > 0) {
        this.#render(key, holders)
        continue
      }
      this.#holders.delete(key)
      this.entries.delete(key)
    }
    // An address may have gone to somebody else before its old owner is removed.
    for (const pointer of member.pointers)
      if (this.pointers.get(pointer) === member.shown) this.pointers.delete(pointer)
  }

  #render(key: NameKey, holders: ReadonlySet<Member>): void {
    this.entries.set(key, renderEntry(holders.values().flatMap(({ endpoint }) => endpoint.addresses)))
  }
}

/** Who is called what on which network. A look-up costs the same however many there are. */
export class NameTable {
  readonly #networks = new Map<string, NetworkNames>()
  readonly #members = new Map<string, Member>()

  /** Adds an endpoint, or replaces the one of the same id. Names that DNS cannot carry are left out. */
  put(endpoint: NamedEndpoint): void {
    const written = endpoint.names.map(wireName).filter((name) => name !== undefined && name !== '') as string[]
    const member: Member = {
      endpoint,
      keys: Array.from(new Set(written.map(foldCase))),
      shown: written[0],
      pointers: endpoint.addresses.map((address) => pointerKey(ipBytes(address))),
    }
    this.remove(endpoint.id)
    this.#members.set(endpoint.id, member)
    const names = this.#networks.get(endpoint.networkId) ?? new NetworkNames()
    this.#networks.set(endpoint.networkId, names)
    names.add(member)
  }

  remove(id: string): void {
    const member = this.#members.get(id)
    if (member === undefined) return
    this.#members.delete(id)
    const names = this.#networks.get(member.endpoint.networkId)!
    names.remove(member)
    if (names.empty) this.#networks.delete(member.endpoint.networkId)
  }

  /** Removes every endpoint that is not named. */
  retain(ids: ReadonlySet<string>): void {
    for (const id of this.#members.keys()) if (!ids.has(id)) this.remove(id)
  }

  /** What a network calls `key`. */
  entry(networkId: string, key: NameKey): NameEntry | undefined {
    return this.#networks.get(networkId)?.entries.get(key)
  }

  /** Which name on a network, as it is written, belongs to the address that a PTR question asks for. */
  pointer(networkId: string, key: NameKey): string | undefined {
    return this.#networks.get(networkId)?.pointers.get(key)
  }
}

/** The record that answers a PTR question: `name.network`, both in wire form, as they are written. */
export function pointerRecord(name: string, network: string): RecordSet {
  return renderPointer(nameTtl, name + network)
}
