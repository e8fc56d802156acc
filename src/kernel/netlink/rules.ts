import { isErrno } from '../../base/errors.ts'
import { NLM_F_DUMP } from '../../wire/netlink/frame.ts'
import { RTM_GETRULE, ruleActions, ruleMessage } from '../../wire/netlink/rule.ts'
import { AF_INET, AF_INET6 } from '../sockets/address-family.ts'
import type { NetlinkSocket } from './netlink-socket.ts'

const FIB_RULE_INVERT = 2
/** What the kernel writes where nothing is suppressed. */
const nothing = 0xffff_ffff

/** Which routing table is asked, and for whom: one line of `ip rule`. */
export interface RoutingRule {
  readonly family: 'ipv4' | 'ipv6'
  /** The lower is asked first. */
  readonly priority: number
  /** Undefined where the rule decides by itself, as `unreachable` does. */
  readonly table: number | undefined
  /** Routes of at most this length count as not found; undefined: all count. */
  readonly suppressLength: number | undefined
  /** `everybody`; `some`: of a source, a mark, an interface, …; `not-some`: all others, as VPNs write it. */
  readonly concerns: 'everybody' | 'some' | 'not-some'
}

/** Lists the rules of a namespace, in the order in which they are asked; none where the kernel knows only one table. */
export function listRules(netlink: NetlinkSocket): RoutingRule[] {
  const blank = {
    family: 0,
    toLength: 0,
    fromLength: 0,
    tos: 0,
    table: 0,
    reserved1: 0,
    reserved2: 0,
    action: 0,
    flags: 0,
  }
  return dump(netlink, ruleMessage.encode(blank))
    .map(decodeRule)
    .filter((rule) => rule !== undefined)
    .sort((a, b) => a.priority - b.priority)
}

function dump(netlink: NetlinkSocket, question: Uint8Array): Uint8Array[] {
  try {
    return netlink.request('list routing rules', RTM_GETRULE, NLM_F_DUMP, question)
  } catch (error) {
    if (isErrno(error, 'EOPNOTSUPP')) return []
    throw error
  }
}

/** Reads what `RTM_NEWRULE` says; undefined for rules of multicast. @throws {RangeError} when the bytes are no rule */
export function decodeRule(bytes: Uint8Array): RoutingRule | undefined {
  const { header, attributes } = ruleMessage.decode(bytes)
  if (header.family !== AF_INET && header.family !== AF_INET6) return undefined
  const { priority = 0, table = header.table, suppressPrefixLength = nothing } = attributes
  const selects =
    [header.toLength, header.fromLength, header.tos, attributes.mark, attributes.ipProtocol].some(Boolean) ||
    [attributes.inputName, attributes.outputName, attributes.users].some((one) => one !== undefined) ||
    [attributes.sourcePorts, attributes.destinationPorts].some((one) => one !== undefined)
  const inverted = (header.flags & FIB_RULE_INVERT) !== 0
  return {
    family: header.family === AF_INET6 ? 'ipv6' : 'ipv4',
    priority,
    table: header.action === ruleActions.lookUp ? table : undefined,
    suppressLength: suppressPrefixLength === nothing ? undefined : suppressPrefixLength,
    concerns: selects ? (inverted ? 'not-some' : 'some') : 'everybody',
  }
}
