import { BlockList, isIP } from 'node:net'
import type { NetworkIpam, NetworkIpamConfig } from '../../protocol/network.ts'

/** What the flags of `network create` say about addresses. */
export interface IpamOptions {
  readonly driver: string
  readonly options: Readonly<Record<string, string>>
  readonly subnets: readonly string[]
  readonly ranges: readonly string[]
  readonly gateways: readonly string[]
  readonly auxiliary: Readonly<Record<string, string>>
}

interface Subnet {
  readonly text: string
  readonly address: string
  readonly bits: number
}

/**
 * Gives each range, gateway and auxiliary address to the subnet that it lies in.
 *
 * @throws {Error} with Docker's words: subnets that overlap, and addresses that lie in none
 */
export function planIpam({ driver, options, subnets, ranges, gateways, auxiliary }: IpamOptions): NetworkIpam {
  if (subnets.length < ranges.length || subnets.length < gateways.length) {
    throw new Error('every ip-range or gateway must have a corresponding subnet')
  }
  const parsed = subnets.map(parseSubnet)
  checkApart(parsed)
  const configs = new Map<Subnet, Config>(parsed.map((subnet) => [subnet, { Subnet: subnet.text }]))
  for (const range of ranges) assign(configs, range.split('/')[0] ?? '', `ip-range ${range}`, 'IPRange', range)
  for (const gateway of gateways) assign(configs, gateway, `gateway ${gateway}`, 'Gateway', gateway)
  for (const [name, address] of Object.entries(auxiliary)) {
    const config = configOf(configs, address)
    if (config === undefined) throw new Error(`no matching subnet for aux-address ${address}`)
    config.AuxiliaryAddresses = { ...config.AuxiliaryAddresses, [name]: address }
  }
  return { Driver: driver, Options: options, Config: [...configs.values()] }
}

type Config = { -readonly [K in keyof NetworkIpamConfig]: NetworkIpamConfig[K] }
type Configs = ReadonlyMap<Subnet, Config>

function assign(configs: Configs, address: string, what: string, field: 'IPRange' | 'Gateway', value: string): void {
  const config = configOf(configs, address)
  if (config === undefined) throw new Error(`no matching subnet for ${what}`)
  if (config[field] !== undefined) {
    throw new Error(
      `cannot configure multiple ${field === 'Gateway' ? 'gateways' : 'ranges'} (${value}, ${config[field]}) on the same subnet (${config.Subnet})`,
    )
  }
  config[field] = value
}

function configOf(configs: Configs, address: string): Config | undefined {
  return [...configs].find(([subnet]) => contains(subnet, address))?.[1]
}

function parseSubnet(text: string): Subnet {
  const [address = '', bits = ''] = text.split('/')
  return { text, address, bits: Number(bits || Number.NaN) }
}

function checkApart(subnets: readonly Subnet[]): void {
  for (const [index, subnet] of subnets.entries()) {
    for (const other of subnets.slice(0, index)) {
      if (contains(subnet, other.address) || contains(other, subnet.address)) {
        throw new Error('multiple overlapping subnet configuration is not supported')
      }
    }
  }
}

function contains({ address, bits }: Subnet, candidate: string): boolean {
  const [own, other] = [isIP(address), isIP(candidate)]
  // What is no subnet holds nothing; the daemon says what is wrong with it.
  if (own !== other || own === 0 || !(bits >= 0 && bits <= (own === 4 ? 32 : 128))) return false
  const family = own === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(address, bits, family)
  return list.check(candidate, family)
}
