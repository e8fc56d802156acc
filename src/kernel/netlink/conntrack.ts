import { isErrno } from '../../base/errors.ts'
import { CTNL_DELETE, CTNL_GET, conntrackMessage, filterBits, ipProtocols } from '../../wire/netlink/conntrack.ts'
import { NLM_F_DUMP } from '../../wire/netlink/frame.ts'
import { AF_INET, AF_INET6, familyOf } from '../sockets/address-family.ts'
import type { NetlinkSocket } from './netlink-socket.ts'

type Flow = ReturnType<typeof conntrackMessage.decode>
type Tuple = NonNullable<Flow['attributes']['original']>
type Ends = { readonly original: Tuple; readonly reply: Tuple }

/** Which tracked flows are meant. Everything that is named has to fit. */
export interface FlowFilter {
  readonly family: 'ipv4' | 'ipv6'
  readonly protocol?: keyof typeof ipProtocols
  /** Where the first packet was sent, before anything rewrote it. */
  readonly originalDestination?: string
  /** Needs `protocol`. */
  readonly originalDestinationPort?: number
  /** Needs `protocol`. The kernel knows no ranges: every flow of the protocol is looked at, once. */
  readonly originalDestinationPorts?: { readonly first: number; readonly last: number }
  /** Who answers: the container, behind a published port. */
  readonly replySource?: string
  /** Needs `protocol`. */
  readonly replySourcePort?: number
}

/**
 * Makes the kernel forget flows: what was decided for their first packet no longer holds for the next.
 *
 * Needed for UDP, where an old flow keeps going to where a port was published before. Takes 0.2 ms; with an address
 * of IPv6, or before Linux 6.8, 10 ms for each 250 000 places of the kernel's table.
 *
 * @param netfilter a socket of `NETLINK_NETFILTER`
 */
export function removeFlows(netfilter: NetlinkSocket, filter: FlowFilter): void {
  const { first, last } = filter.originalDestinationPorts ?? { first: 0, last: 65_535 }
  const isRange = filter.originalDestinationPorts !== undefined && first !== last
  const wanted = endsOf(first === last ? { ...filter, originalDestinationPort: first } : filter)
  const header = { family: filter.family === 'ipv6' ? AF_INET6 : AF_INET, version: 0, resource: 0 }
  const bits = { original: bitsOf(wanted.original), reply: bitsOf(wanted.reply) }
  const { originalDestination, replySource } = filter
  // The kernel compares addresses of IPv6 the wrong way round: it takes those that differ.
  const kernelDecides = filter.family === 'ipv4' || (originalDestination === undefined && replySource === undefined)
  const question = conntrackMessage.encode(header, kernelDecides ? { ...wanted, filter: bits } : undefined)
  if (!kernelDecides || isRange) {
    removeOneByOne(netfilter, question, wanted, ({ original }) => {
      const port = original?.protocol?.destinationPort ?? -1
      return !isRange || (first <= port && port <= last)
    })
    return
  }
  try {
    netfilter.request('remove tracked flows', CTNL_DELETE, 0, question)
  } catch (error) {
    // An older kernel wants a whole flow, and does not get one.
    if (!isErrno(error, 'EINVAL', 'EOPNOTSUPP')) throw error
    removeOneByOne(netfilter, question, wanted)
  }
}

function removeOneByOne(
  netfilter: NetlinkSocket,
  question: Uint8Array,
  wanted: Ends,
  isMeant: (ends: Partial<Ends>) => boolean = () => true,
): void {
  const flows = netfilter
    .request('list tracked flows', CTNL_GET, NLM_F_DUMP, question)
    .map(conntrackMessage.decode)
    // The kernel has filtered, if it can: not before 5.8.
    .filter(({ attributes: { original, reply } }) => fits(original, wanted.original) && fits(reply, wanted.reply))
    .filter(({ attributes }) => isMeant(attributes))
  for (const { header, attributes } of flows) {
    const { original, id, zone } = attributes
    const which = conntrackMessage.encode(header, {
      ...(original && { original }),
      ...(id !== undefined && { id }), // not the flow that took its place meanwhile
      ...(zone !== undefined && { zone }),
    })
    try {
      netfilter.request('remove tracked flow', CTNL_DELETE, 0, which)
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error
    }
  }
}

/** The filter in the kernel's words. A port says nothing without its protocol. */
function endsOf(filter: FlowFilter): Ends {
  const { protocol, originalDestination, originalDestinationPort, replySource, replySourcePort } = filter
  const number = protocol === undefined ? undefined : ipProtocols[protocol]
  const tuple = (ip: Tuple['ip'], port: Tuple['protocol']): Tuple => ({
    ...(ip && { ip }),
    ...(number !== undefined && { protocol: { number, ...port } }),
  })
  const original = tuple(
    originalDestination === undefined ? undefined : destinationOf(originalDestination),
    originalDestinationPort === undefined ? {} : { destinationPort: originalDestinationPort },
  )
  const reply = tuple(
    replySource === undefined ? undefined : sourceOf(replySource),
    replySourcePort === undefined ? {} : { sourcePort: replySourcePort },
  )
  return { original, reply }
}

function destinationOf(address: string): NonNullable<Tuple['ip']> {
  return familyOf(address) === AF_INET6 ? { destination6: address } : { destination: address }
}

function sourceOf(address: string): NonNullable<Tuple['ip']> {
  return familyOf(address) === AF_INET6 ? { source6: address } : { source: address }
}

function bitsOf({ ip = {}, protocol = {} }: Tuple): number {
  return (
    (ip.source !== undefined || ip.source6 !== undefined ? filterBits.source : 0) |
    (ip.destination !== undefined || ip.destination6 !== undefined ? filterBits.destination : 0) |
    (protocol.number === undefined ? 0 : filterBits.protocol) |
    (protocol.sourcePort === undefined ? 0 : filterBits.sourcePort) |
    (protocol.destinationPort === undefined ? 0 : filterBits.destinationPort)
  )
}

function fits(actual: Tuple = {}, wanted: Tuple = {}): boolean {
  const parts = [
    [actual.ip, wanted.ip],
    [actual.protocol, wanted.protocol],
  ] as const
  return parts.every(([have, want]) =>
    Object.entries(want ?? {}).every(([name, value]) => (have as Readonly<Record<string, unknown>>)?.[name] === value),
  )
}
