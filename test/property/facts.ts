import { isInside, reservedOf } from './addresses.ts'
import {
  askedFor,
  type Bound,
  type Container,
  containersOf,
  type Model,
  membersOf,
  type Network,
  type Subnet,
  type Wish,
} from './model.ts'
import { boundTo, choices, inOrder } from './ports.ts'
import { publishes } from './sandboxes.ts'
import { learnVolumes } from './volumes.ts'
import type { World } from './world.ts'

/** All that the engine says of itself. */
export interface Facts {
  readonly networks: readonly any[]
  readonly containers: readonly any[]
  readonly volumes: readonly any[]
}

/** Asks for every network and every container. */
export async function readFacts(world: World): Promise<Facts> {
  const lists = ['/networks', '/containers/json?all=1', '/volumes']
  const [networks, containers, volumes] = await Promise.all(lists.map((path) => world.get(path)))
  for (const { Id } of containers) world.known.add(Id)
  return {
    networks: await Promise.all(networks.map(({ Id }: { Id: string }) => world.get(`/networks/${Id}`))),
    containers: await Promise.all(containers.map(({ Id }: { Id: string }) => world.get(`/containers/${Id}/json`))),
    volumes: volumes.Volumes,
  }
}

/** The model with all that the engine chose, and what contradicts it, one line each. */
export function learn(model: Model, facts: Facts): { readonly model: Model; readonly wrong: readonly string[] } {
  const draft = structuredClone(model)
  const wrong = [
    ...different('networks', facts.networks.map(({ Name }) => Name).sort(), Object.keys(draft.networks).sort()),
    ...different(
      'containers',
      facts.containers.map(nameOf).sort(),
      containersOf(draft)
        .map(({ name }) => name)
        .sort(),
    ),
  ]
  if (wrong.length > 0) return { model: draft, wrong }
  for (const fact of facts.networks) wrong.push(...learnNetwork(draft.networks[fact.Name]!, fact))
  for (const container of containersOf(draft)) {
    wrong.push(
      ...learnContainer(
        draft,
        container,
        facts.containers.find((fact) => nameOf(fact) === container.name),
      ),
    )
  }
  for (const fact of facts.networks) wrong.push(...learnEndpoints(draft, fact))
  wrong.push(...learnVolumes(draft, facts.volumes, facts.containers))
  return { model: draft, wrong }
}

const nameOf = ({ Name }: { Name: string }) => Name.replace(/^\//, '')

function different(what: string, seen: unknown, wanted: unknown): string[] {
  const [has, should] = [JSON.stringify(seen), JSON.stringify(wanted)]
  return has === should ? [] : [`${what}: ${has}, not ${should}`]
}

function learnNetwork(network: Network, fact: any): string[] {
  const name = `network ${fact.Name}`
  const subnets: Subnet[] = fact.IPAM.Config.map((config: any) => ({
    subnet: config.Subnet,
    ...(config.Gateway && { gateway: config.Gateway }),
    ...(config.IPRange && { range: config.IPRange }),
    ...(config.AuxiliaryAddresses && { aux: config.AuxiliaryAddresses }),
  }))
  const wrong = [
    ...different(`${name} id`, fact.Id, network.id ?? fact.Id),
    ...different(`${name} subnets`, subnets, network.subnets ?? subnets),
    ...different(`${name} template`, fact.ConfigOnly, network.template),
    ...different(`${name} from`, fact.ConfigFrom.Network, network.from ?? ''),
    ...different(`${name} internal`, fact.Internal, network.internal),
    ...different(`${name} families`, [fact.EnableIPv4, fact.EnableIPv6], [network.ipv4, network.ipv6]),
    ...different(`${name} labels`, fact.Labels, network.labels),
  ]
  if (fact.Name !== 'bridge') wrong.push(...different(`${name} options`, fact.Options, network.options))
  for (const asked of network.template ? network.asked : askedFor(network)) {
    const found = subnets.find(({ subnet }) => subnet === asked.subnet)
    wrong.push(...different(`${name} subnet`, { ...found, ...asked }, found ?? {}))
  }
  network.id = fact.Id
  if (!network.template) network.subnets = subnets
  return wrong
}

function learnContainer(model: Model, container: Container, fact: any): string[] {
  const name = `container ${container.name}`
  const donor = typeof container.mode === 'number' ? model.containers[container.mode]?.id : undefined
  const mode = String(fact.HostConfig.NetworkMode)
  const isMode =
    container.mode === 'own' || mode === container.mode || donor === undefined || mode === `container:${donor}`
  const bound = boundOf(fact)
  const pid = container.status === 'running' ? fact.State.Pid : 0
  const { Memory, MemorySwap, PidsLimit, CpuShares, RestartPolicy } = fact.HostConfig
  const limits = { Memory, MemorySwap, PidsLimit, CpuShares }
  container.id = fact.Id
  const wrong = [
    ...different(`${name} status`, fact.State.Status, container.status),
    ...different(`${name} process`, fact.State.Pid, container.pid ?? pid),
    ...different(`${name} restarts`, fact.RestartCount, container.restarts),
    ...different(`${name} policy`, RestartPolicy.Name || 'no', container.policy),
    ...different(`${name} limits`, limits, { ...limits, ...container.limits }),
    ...different(`${name} mode`, isMode, true),
    ...different(
      `${name} networks`,
      Object.keys(fact.NetworkSettings.Networks).sort(),
      Object.keys(container.wishes).sort(),
    ),
    ...different(
      `${name} bindings`,
      bindingsOf(fact),
      container.ports.map(({ port, ip, host }) => `${port} ${ip} ${host}`).sort(),
    ),
  ]
  if (container.status === 'running') container.pid = pid
  if (container.status === 'running' && container.sandbox !== undefined) {
    wrong.push(...different(`${name} ports`, sorted(bound), sorted(container.sandbox.bound ?? bound)))
    wrong.push(...different(`${name} published`, fits(model, container, bound), true))
    container.sandbox.bound = bound
  }
  return wrong
}

function sorted(bound: readonly Bound[]): string[] {
  return bound.map(({ port, ip, host }) => `${port} ${ip} ${host}`).sort()
}

function boundOf(fact: any): Bound[] {
  return Object.entries(fact.NetworkSettings.Ports ?? {}).flatMap(([port, list]: [string, any]) =>
    (list ?? []).map((one: any) => ({ port, ip: one.HostIp, host: Number(one.HostPort) })),
  )
}

function bindingsOf(fact: any): string[] {
  return Object.entries(fact.HostConfig.PortBindings ?? {})
    .flatMap(([port, list]: [string, any]) =>
      list.map((one: any) => `${port} ${one.HostIp ?? ''} ${one.HostPort ?? ''}`),
    )
    .sort()
}

/** What is published is what was asked for: no less and no more. */
function fits(model: Model, container: Container, bound: readonly Bound[]): boolean {
  const left = new Set(sorted(bound))
  if (!publishes(model, container)) return left.size === 0
  const asked = inOrder(container.ports)
  return (
    asked.every((binding) => {
      const hosts = binding.host === '' ? bound.map(({ host }) => host) : choices(binding)
      const host = hosts.find((port) => sorted(boundTo(binding, port)).every((text) => left.has(text)))
      if (host === undefined) return false
      for (const text of sorted(boundTo(binding, host))) left.delete(text)
      return true
    }) && left.size === 0
  )
}

function learnEndpoints(model: Model, fact: any): string[] {
  const name: string = fact.Name
  const network = model.networks[name]!
  const members = membersOf(model, name)
  const facts: any[] = Object.values(fact.Containers)
  const wrong = different(
    `members of ${name}`,
    facts.map(({ Name }) => Name).sort(),
    members.map((one) => one.name).sort(),
  )
  if (wrong.length > 0) return wrong
  const reserved = reservedOf(network)
  for (const { name: member, sandbox, wishes } of members) {
    const { EndpointID, IPv4Address, IPv6Address } = facts.find(({ Name }) => Name === member)
    const endpoint = sandbox!.endpoints[name]!
    const [ipv4, ipv6] = [IPv4Address.split('/')[0], IPv6Address.split('/')[0]]
    const what = `${member} on ${name}`
    wrong.push(...different(`${what} endpoint`, EndpointID, endpoint.id ?? EndpointID))
    wrong.push(...different(`${what} IPv4`, ipv4, endpoint.ipv4 ?? wishes[name]?.ip ?? ipv4))
    wrong.push(...different(`${what} IPv6`, ipv6, endpoint.ipv6 ?? wishes[name]?.ip6 ?? ipv6))
    if (name === 'host' || name === 'none') wrong.push(...different(what, [ipv4, ipv6], ['', '']))
    else wrong.push(...addressFaults(what, network, [ipv4, ipv6], reserved, wishes[name] ?? {}))
    reserved.push(...[ipv4, ipv6].filter((address) => address !== ''))
    Object.assign(endpoint, { id: EndpointID, ipv4, ipv6 })
  }
  return wrong
}

/** An address is of its subnet, nobody else's, and of the range that the engine chooses from when it did. */
function addressFaults(
  what: string,
  network: Network,
  addresses: string[],
  reserved: string[],
  { ip, ip6 }: Wish,
): string[] {
  const families = addresses.map((one) => one !== '')
  const wrong = different(`${what} families`, families, [network.ipv4, network.ipv6])
  for (const address of addresses.filter((one) => one !== '')) {
    const subnet = network.subnets!.find((one) => isInside(one.subnet, address))
    const isChosen = (address.includes(':') ? ip6 : ip) === undefined
    const isInRange = subnet !== undefined && (!isChosen || isInside(subnet.range ?? subnet.subnet, address))
    wrong.push(...different(`${what}: ${address}`, [isInRange, reserved.includes(address)], [true, false]))
  }
  return wrong
}
