import { noRecords, type RecordSet, renderPointer } from '../../wire/dns/answer.ts'
import { recordType } from '../../wire/dns/constants.ts'
import { labelStarts, type NameKey, nameKey, pointerKey } from '../../wire/dns/name.ts'
import { ipBytes } from '../../wire/ip-address.ts'
import type { NamedEndpoint } from '../protocol.ts'
import { renderEntry } from '../serving/names.ts'
import { recordsOf } from '../serving/view.ts'

/** Seconds. The host has caches of its own, which nobody tells when a container has moved. */
const nameTtl = 0

/** What one endpoint is found by. */
interface Member {
  readonly endpoint: NamedEndpoint
  readonly keys: readonly NameKey[]
  readonly pointers: readonly NameKey[]
  /** `name.network`, for the reverse question. */
  readonly fullName: NameKey
}

/**
 * The names of all containers, as the host's own programs see them: `name.network`, and a plain `name` where only one
 * container or one network has it. A look-up costs the same however many there are.
 *
 * A name with dots counts only with its network behind it: no container takes `www.example.org` away from the host.
 */
export class HostNames {
  readonly #members = new Map<string, Member>()
  readonly #holders = new Map<NameKey, Set<NamedEndpoint>>()
  readonly #pointers = new Map<NameKey, Member>()

  /** Adds an endpoint, or replaces the one of the same id. One that does not say whose it is has no name here. */
  put(endpoint: NamedEndpoint): void {
    this.remove(endpoint.id)
    const member = memberOf(endpoint)
    if (member === undefined) return
    this.#members.set(endpoint.id, member)
    for (const key of member.keys) this.#holders.set(key, (this.#holders.get(key) ?? new Set()).add(endpoint))
    for (const pointer of member.pointers) this.#pointers.set(pointer, member)
  }

  remove(id: string): void {
    const member = this.#members.get(id)
    if (member === undefined) return
    this.#members.delete(id)
    for (const key of member.keys) {
      const holders = this.#holders.get(key)
      if (holders?.delete(member.endpoint) && holders.size === 0) this.#holders.delete(key)
    }
    // An address may have gone to somebody else before its old owner is removed.
    for (const pointer of member.pointers) if (this.#pointers.get(pointer) === member) this.#pointers.delete(pointer)
  }

  /** Removes every endpoint that is not named. */
  retain(ids: ReadonlySet<string>): void {
    for (const id of this.#members.keys()) if (!ids.has(id)) this.remove(id)
  }

  /** What is answered about a name: `noRecords` for one that is ours without such records; `undefined`: none of ours. */
  find(key: NameKey, type: number): RecordSet | undefined {
    const holders = this.#holders.get(key)
    if (holders === undefined) {
      const member = type === recordType.PTR ? this.#pointers.get(key) : undefined
      return member && renderPointer(nameTtl, member.fullName)
    }
    const reachable = [...holders].filter(({ addresses }) => addresses.length > 0)
    if (isPlain(key) && isAmbiguous(reachable)) return noRecords
    const addresses = reachable.flatMap((endpoint) => endpoint.addresses)
    return recordsOf(renderEntry(addresses, nameTtl), type)
  }
}

function memberOf(endpoint: NamedEndpoint): Member | undefined {
  const { names, addresses, owner } = endpoint
  const network = owner && nameKey(owner.networkName)
  const plain = names.map(nameKey).filter((key): key is NameKey => key !== undefined && key !== '')
  const [first] = plain
  if (network === undefined || first === undefined) return undefined
  return {
    endpoint,
    keys: [...new Set(plain.flatMap((key) => (isPlain(key) ? [key, key + network] : [key + network])))],
    pointers: addresses.map((address) => pointerKey(ipBytes(address))),
    fullName: first + network,
  }
}

/** True for a name of one label. */
function isPlain(key: NameKey): boolean {
  return labelStarts(key).length === 1
}

/** Several containers on several networks: whichever was answered might be the wrong one. */
function isAmbiguous(holders: readonly NamedEndpoint[]): boolean {
  const networks = new Set(holders.map(({ networkId }) => networkId))
  const containers = new Set(holders.map(({ owner }) => owner?.containerId))
  return networks.size > 1 && containers.size > 1
}
