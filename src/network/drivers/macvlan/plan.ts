import { EngineError } from '../../../base/errors.ts'
import { shortId } from '../../../base/id.ts'
import { ipBytes, macText } from '../../../wire/ip-address.ts'
import type { NetworkSpec } from '../../driver.ts'
import { type Parent, planParent } from '../parent/parent-name.ts'
import { type MacvlanMode, parseMacvlanOptions } from './options.ts'

/** A macvlan network, ready to be made. */
export interface MacvlanPlan {
  readonly networkId: string
  readonly networkName: string
  readonly parent: Parent
  readonly mode: MacvlanMode
  readonly interfacePrefix: string
  /** The host's own interface on the network; undefined unless it was asked for. */
  readonly hostAccess: HostAccess | undefined
}

/** How the host reaches containers on its own parent, which the kernel keeps from each other. */
export interface HostAccess {
  readonly name: string
  /** The same whenever it is made again: containers remember it. */
  readonly mac: string
  /** Without length, one of each family. */
  readonly addresses: readonly string[]
}

/** The auxiliary address that is the host's own. */
export const hostAddressName = 'host_access'

/** @throws {EngineError} with Docker's words for options that cannot be */
export function planMacvlan(spec: NetworkSpec): MacvlanPlan {
  const { id, name, options, subnets } = spec
  const { mode, hostAccess, interfacePrefix } = parseMacvlanOptions(options)
  const parent = planParent('macvlan', id, options)
  if (subnets.length === 0) throw new EngineError('invalid-argument', 'ipv4 pool is empty')
  const addresses = subnets.flatMap(({ auxAddresses }) => auxAddresses?.[hostAddressName] ?? [])
  const access = (first: string) => ({ name: `mv-${shortId(id)}`, mac: macOf(first), addresses })
  return {
    networkId: id,
    networkName: name,
    parent,
    mode,
    interfacePrefix,
    hostAccess: hostAccess && addresses[0] !== undefined ? access(addresses[0]) : undefined,
  }
}

/** 02:42 and the IPv4 address, or the end of an IPv6 address: whoever knows the address can tell it. */
export function macOf(address: string): string {
  const bytes = ipBytes(address)
  return macText(Uint8Array.of(0x02, 0x42, ...bytes.subarray(bytes.length - 4)))
}
