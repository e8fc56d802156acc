import { EngineError } from '../../../../base/errors.ts'
import type { NetworkDriver, NetworkSpec } from '../../../driver.ts'
import type { Element } from '../../../firewall/elements.ts'
import { bridgeOptions } from './options.ts'

/** A network of plain routes, ready to be made: on each host a bridge on a block of the subnet. */
export interface HostGwPlan {
  readonly networkId: string
  readonly networkName: string
  /** Of all hosts together: `"10.1.0.0/16"`. */
  readonly subnet: string
  /** Of this host: `"10.1.2.0/24"`; undefined while it has none. */
  readonly block: string | undefined
  /** What the driver of plain bridges makes of this host's part. */
  readonly bridge: unknown
}

/** @param plain the driver of plain bridges. @throws {EngineError} for options that it cannot make sense of */
export function planHostGw(spec: NetworkSpec, plain: NetworkDriver): HostGwPlan {
  const { id, name, subnets, hostBlock } = spec
  const own = hostBlock === undefined ? subnets : [hostBlock]
  return {
    networkId: id,
    networkName: name,
    subnet: subnets[0]?.prefix ?? '',
    block: hostBlock?.prefix,
    bridge: plain.plan({ ...spec, subnets: own, options: bridgeOptions(spec) }),
  }
}

/** The plan, with its block. @throws {EngineError} `unavailable` while the host has none */
export function requireBlock(plan: HostGwPlan): string {
  if (plan.block !== undefined) return plan.block
  const about = `Cannot make network "${plan.networkName}"`
  throw new EngineError('unavailable', `${about}: this host has no block of ${plan.subnet} yet`)
}

/** What the firewall must know besides the bridge: the network's hosts are one network. Pure. */
export function spanElements({ networkName, subnet, block }: HostGwPlan): Element[] {
  if (block === undefined) return []
  return [{ set: 'spans4', key: `${subnet} . ${subnet}`, comment: `network ${networkName}` }]
}
