import { EngineError } from '../../../base/errors.ts'
import type { NetworkSpec } from '../../driver.ts'
import { type Parent, planParent } from '../parent/parent-name.ts'
import { type IpvlanOptions, parseIpvlanOptions } from './options.ts'

/** An ipvlan network, ready to be made. */
export interface IpvlanPlan extends IpvlanOptions {
  readonly networkId: string
  readonly networkName: string
  readonly parent: Parent
}

/** @throws {EngineError} with Docker's words for options that cannot be */
export function planIpvlan({ id, name, options, subnets }: NetworkSpec): IpvlanPlan {
  const parsed = parseIpvlanOptions(options)
  const parent = planParent('ipvlan', id, options)
  if (subnets.length === 0) throw new EngineError('invalid-argument', 'ipv4 pool is empty')
  return { networkId: id, networkName: name, parent, ...parsed }
}
