import type { ForwardingEntry } from '../../../kernel/netlink/forwarding-entries.ts'
import type { NewNeighbour } from '../../../kernel/netlink/neighbours.ts'
import type { Difference } from '../../driver.ts'
import { bareAddress } from '../../ipam/prefix.ts'
import type { PeerSpec } from '../../peers.ts'
import { bridgeName } from './overlay-namespace.ts'
import type { PeerEntries } from './peer-entries.ts'

/** What the kernel holds otherwise than it should: see `compareEntries`. */
export interface ComparedEntries {
  readonly missing: PeerEntries
  readonly extra: PeerEntries
}

/** Puts entries that differ in sentences, each about the endpoint or host that it concerns. Pure. */
export function entryDifferences(
  { missing, extra }: ComparedEntries,
  peers: readonly PeerSpec[],
  nameOf: (index: number) => string,
): Difference[] {
  const owners = ownersOf(peers)
  const about = (key: string, what: string): Difference => {
    const endpointId = owners.get(key)
    return { what, ...(endpointId !== undefined && { about: endpointId }) }
  }
  return [
    ...pairs(missing.remotes, extra.remotes, ({ index, mac }) => `${index} ${mac}`).map(([wanted, held]) =>
      about((wanted ?? held)!.mac, remoteWords(wanted, held, nameOf)),
    ),
    ...pairs(missing.ports, extra.ports, ({ index, mac }) => `${index} ${mac}`).map(([wanted, held]) =>
      about((wanted ?? held)!.mac, portWords(wanted, held, nameOf)),
    ),
    ...pairs(missing.neighbours, extra.neighbours, ({ address }) => address).map(([wanted, held]) =>
      about((wanted ?? held)!.address, neighbourWords(wanted, held)),
    ),
  ]
}

/** Endpoints by their hardware addresses and addresses. */
function ownersOf(peers: readonly PeerSpec[]): ReadonlyMap<string, string> {
  return new Map(
    peers.flatMap(({ endpointId, mac, addresses }) =>
      [mac, ...addresses.map(bareAddress)].map((key) => [key, endpointId] as const),
    ),
  )
}

type Pair<One> = readonly [wanted: One | undefined, held: One | undefined]

/** What is missing, with what is there in its place; then what is there in nobody's place. */
function pairs<One>(missing: readonly One[], extra: readonly One[], key: (one: One) => string): Pair<One>[] {
  const held = new Map(extra.map((one) => [key(one), one]))
  const wanted = new Set(missing.map(key))
  return [
    ...missing.map((one): Pair<One> => [one, held.get(key(one))]),
    ...extra.filter((one) => !wanted.has(key(one))).map((one): Pair<One> => [undefined, one]),
  ]
}

type NameOf = (index: number) => string

function remoteWords(wanted: ForwardingEntry | undefined, held: ForwardingEntry | undefined, nameOf: NameOf): string {
  const { index, mac } = (wanted ?? held)!
  const tunnel = `tunnel ${nameOf(index)}`
  if (held === undefined) return `${tunnel} has no entry for ${mac}, which is on host ${wanted!.remote}`
  if (wanted === undefined) return `${tunnel} sends ${mac} to host ${held.remote}: nobody there has that address`
  return `${tunnel} sends ${mac} to host ${held.remote}, but it is on host ${wanted.remote}`
}

function portWords(wanted: ForwardingEntry | undefined, held: ForwardingEntry | undefined, nameOf: NameOf): string {
  const { index, mac } = (wanted ?? held)!
  if (wanted !== undefined) return `bridge ${bridgeName} does not know that ${mac} is behind tunnel ${nameOf(index)}`
  return `bridge ${bridgeName} sends ${mac} into tunnel ${nameOf(index)}: no other host has that address`
}

function neighbourWords(wanted: NewNeighbour | undefined, held: NewNeighbour | undefined): string {
  const { address } = (wanted ?? held)!
  if (held === undefined)
    return `bridge ${bridgeName} does not answer ARP or NDP for ${address}, which has ${wanted!.mac}`
  if (wanted === undefined)
    return `bridge ${bridgeName} answers for ${address} with ${held.mac}: no other host has that address`
  return `bridge ${bridgeName} answers for ${address} with ${held.mac}, but it has ${wanted.mac}`
}
