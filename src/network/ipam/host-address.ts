import { EngineError } from '../../base/errors.ts'
import type { IpamConfig } from '../model.ts'
import { AddressAllocator } from './allocator.ts'
import { parsePrefix, requirePrefix } from './prefix.ts'

/**
 * Gives the host itself an address of each subnet, as an auxiliary address of that name: the one that is there, else
 * the first that a container would get. Pure.
 *
 * @throws {EngineError} `internal`, with Docker's words, when a subnet is full
 */
export function withHostAddress(configs: readonly IpamConfig[], name: string): IpamConfig[] {
  return configs.map((config) => {
    const { auxAddresses = {} } = config
    if (auxAddresses[name] !== undefined) return config
    return { ...config, auxAddresses: { ...auxAddresses, [name]: firstFree(config) } }
  })
}

function firstFree({ subnet: text, ipRange, gateway, auxAddresses = {} }: IpamConfig): string {
  const subnet = requirePrefix(text, 'subnet')
  const range = ipRange === undefined ? undefined : parsePrefix(ipRange)
  const reserved = [...Object.values(auxAddresses), ...(gateway === undefined ? [] : [gateway])]
  const address = new AddressAllocator({ subnet, reserved, ...(range && { range }) }).next()
  if (address !== undefined) return address
  const family = subnet.family === 'ipv4' ? 'IPv4' : 'IPv6'
  throw new EngineError('internal', `no available ${family} addresses on this network's address pools: ${text}`)
}
