import { createId } from '../../../base/id.ts'
import type { EndpointRecord, NetworkRecord, OwedRecord } from '../../model.ts'
import { bareAddress } from '../prefix.ts'
import type { Release } from './ipam-plugin.ts'
import { poolOf } from './replay.ts'

/** What a plugin is to get back. */
export function owedRecord(driver: string, releases: readonly Release[]): OwedRecord {
  return { version: 1, id: createId(), driver, releases }
}

/** What becomes free when endpoints go, of networks whose addresses somebody else manages. Pure but for the ids. */
export function owedForEndpoints(
  network: (id: string) => NetworkRecord | undefined,
  endpoints: readonly EndpointRecord[],
): OwedRecord[] {
  return endpoints.flatMap(({ networkId, ipv4, ipv6 }) => {
    const { driver = '', pools } = network(networkId)?.ipam ?? {}
    if (pools === undefined) return []
    const addresses = [ipv4, ipv6].filter((cidr) => cidr !== undefined).map(bareAddress)
    const releases = addresses.flatMap((address): Release[] => {
      const pool = poolOf(pools, address)
      return pool === undefined ? [] : [{ poolId: pool.id, address }]
    })
    return releases.length === 0 ? [] : [owedRecord(driver, releases)]
  })
}

/** What becomes free when a network goes: gateways and auxiliary addresses, then the pools. */
export function owedForNetwork({ ipam: { driver, pools, configs } }: NetworkRecord): OwedRecord[] {
  if (pools === undefined) return []
  const releases = pools.flatMap(({ id: poolId, subnet, gateway }): Release[] => {
    const aux = configs.find((config) => config.subnet === subnet)?.auxAddresses ?? {}
    const addresses = [...(gateway === undefined ? [] : [gateway]), ...Object.values(aux)]
    return [...addresses.map((address) => ({ poolId, address })), { poolId }]
  })
  return [owedRecord(driver, releases)]
}
