import { BlockList, isIP } from 'node:net'
import type { Model, Network, Subnet } from './model.ts'
import { membersOf } from './model.ts'

/** Whether an address lies in a block. Node's own arithmetic, so that the model shares none with the engine. */
export function isInside(block: string, address: string): boolean {
  const [first = '', length] = block.split('/')
  const family = isIP(first) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(address) !== isIP(first)) return false
  const list = new BlockList()
  list.addSubnet(first, Number(length), family)
  return list.check(address, family)
}

/** The addresses of a network that no container can have. */
export function reservedOf({ subnets = [] }: Network): string[] {
  return subnets.flatMap(({ gateway, aux = {}, subnet }) => [
    ...(gateway === undefined ? [] : [gateway]),
    ...Object.values(aux),
    ...edgesOf(subnet),
  ])
}

/** Whether somebody has an address, or nobody may. */
export function isTaken(model: Model, network: string, address: string): boolean {
  const leases = membersOf(model, network).flatMap(({ sandbox }) => {
    const { ipv4, ipv6 } = sandbox!.endpoints[network]!
    return [ipv4, ipv6]
  })
  return leases.includes(address) || reservedOf(model.networks[network]!).includes(address)
}

/** Whether no address is left to be chosen; only of subnets small enough to be counted. */
export function isFull(model: Model, network: string): boolean {
  const subnet = (model.networks[network]!.subnets ?? []).find(({ subnet }) => isCountable(subnet))
  if (subnet === undefined) return false
  // Of two operations at once, what the engine chose for the first is not known yet: it has one of them.
  const unknown = membersOf(model, network).filter(({ sandbox }) => sandbox!.endpoints[network]!.ipv4 === undefined)
  return pool(subnet).filter((address) => !isTaken(model, network, address)).length <= unknown.length
}

/** The last octets of a block of at most 256 IPv4 addresses, as addresses. */
function pool({ subnet, range = subnet }: Subnet): string[] {
  const start = range.split('/')[0]!.split('.')
  const size = 2 ** (32 - Number(range.split('/')[1]))
  return Array.from({ length: size }, (_, i) => [...start.slice(0, 3), Number(start[3]) + i].join('.'))
}

/** Network and broadcast address. */
function edgesOf(subnet: string): string[] {
  if (!isCountable(subnet)) return []
  const all = pool({ subnet })
  return [all.at(0)!, all.at(-1)!]
}

function isCountable(subnet: string): boolean {
  return subnet.includes('.') && Number(subnet.split('/')[1]) >= 24
}
