import type { IpamConfig, NetworkRecord } from '../model.ts'

/** What this host's containers take their addresses from: the subnets, or this host's own block where hosts have one each. */
export function localConfigs({ ipam, shared }: Pick<NetworkRecord, 'ipam' | 'shared'>): readonly IpamConfig[] {
  return shared?.block === undefined ? ipam.configs : [shared.block]
}
