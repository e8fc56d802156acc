import { createHash } from 'node:crypto'
import { type Container, containersOf, hasInterfaces, isBridge, type Model, wayOut } from './model.ts'
import { heldPort } from './ports.ts'
import { lookAtProcesses, wantedOfProcess } from './processes.ts'
import { farEnd, parentName, type World } from './world.ts'

/** The interface that a network has on the host. */
export function bridgeOf(model: Model, name: string): string {
  const { id, options } = model.networks[name]!
  return name === 'bridge' ? 'docker0' : (options['com.docker.network.bridge.name'] ?? `br-${id!.slice(0, 12)}`)
}

/** The host's end of an endpoint's cable. */
export function cableOf(endpointId: string): string {
  return `veth${endpointId.slice(0, 7)}`
}

/** What the kernel must have, one line each, as `look` sees it. */
export function wanted(model: Model, { chains }: World): string[] {
  const bridges = Object.keys(model.networks).filter((name) => isBridge(model, name))
  return [
    ...bridges.flatMap((name) => wantedBridge(model, name)),
    ...containersOf(model).flatMap((container) => wantedContainer(model, container)),
    ...containersOf(model).flatMap((container) => wantedOfProcess(model, container)),
    `listens tcp ${heldPort}`,
    `chains ${chains}`,
  ].sort()
}

function wantedBridge(model: Model, name: string): string[] {
  const { subnets = [], options, internal } = model.networks[name]!
  const bridge = bridgeOf(model, name)
  const isIsolated = options['com.docker.network.bridge.enable_icc'] === 'false'
  return [
    `bridge ${bridge} mtu ${options['com.docker.network.driver.mtu'] ?? 1500}`,
    ...subnets.map(({ subnet, gateway }) => `bridge ${bridge} has ${gateway}/${subnet.split('/')[1]}`),
    `rules know ${bridge}`,
    ...(isIsolated ? [`rules part ${bridge}`] : []),
    ...(internal ? [`rules close ${bridge}`] : []),
    ...subnets.map(({ subnet }) => `rules know ${subnet}`),
  ]
}

function wantedContainer(model: Model, container: Container): string[] {
  const { name, sandbox, mode, status, wishes } = container
  if (sandbox === undefined || (mode !== 'own' && mode !== 'none')) return []
  const plugs = Object.entries(sandbox.endpoints).filter(([network]) => hasInterfaces(network))
  const way = wayOut(model, container, 'ipv4')
  const target = way && sandbox.endpoints[way]!.ipv4
  const gateway = way && model.networks[way]!.subnets!.find(({ subnet }) => subnet.includes('.'))?.gateway
  const bound = sandbox.bound ?? []
  const inside = [
    ...plugs.flatMap(([network, { ipv4, ipv6 }]) =>
      [ipv4, ipv6, wishes[network]!.linkLocal].filter(Boolean).map((one) => `${name} has ${one}`),
    ),
    ...(gateway === undefined ? [] : [`${name} goes out by ${gateway}`]),
  ]
  return [
    ...plugs
      .filter(([network]) => isBridge(model, network))
      .map(([network, { id }]) => `cable ${cableOf(id!)} in ${bridgeOf(model, network)}`),
    ...(status === 'running' ? inside : []),
    ...bound.map(({ port, host }) => `listens ${port.split('/')[1]} ${host}`),
    ...bound
      .filter(({ ip }) => target && !ip.includes(':'))
      .map(({ port, ip, host }) => {
        const [inside, protocol] = port.split('/')
        return `rules lead ${protocol} ${ip} ${host} to ${target} ${inside}`
      }),
  ]
}

/** What the kernel has, as programs see it that share no code with the engine. */
export async function look(world: World, model: Model): Promise<string[]> {
  const marks = ['links', 'rules', 'sockets']
  const commands = ['ip -j -d address', 'nft -j list table inet wharf', 'ss -Hlntu']
  const { stdout, stderr } = await world.sh(commands.map((one, i) => `echo "=${marks[i]}"; ${one}`).join('; '))
  const [links = '', rules = '', sockets = ''] = marks.map((mark) => stdout.split(`=${mark}\n`)[1]?.split(/^=\w+$/m)[0])
  if (rules.trim() === '') return [`no rules: ${stderr.trim()}`]
  const inside = await Promise.all(containersOf(model).map((container) => lookInside(world, container)))
  return [
    ...seenLinks(JSON.parse(links)),
    ...seenRules(JSON.parse(rules)),
    `chains ${chainsOf(JSON.parse(rules))}`,
    ...seenSockets(sockets),
    ...inside.flat(),
    ...lookAtProcesses(model),
  ].sort()
}

function seenLinks(links: readonly any[]): string[] {
  return links.flatMap(({ ifname, linkinfo, mtu, master, operstate, flags, addr_info }) => {
    if (['lo', 'eth0', parentName, farEnd].includes(ifname)) return []
    const kind = linkinfo?.info_kind
    if (kind === 'veth') return [`cable ${ifname} in ${operstate === 'UP' ? master : operstate}`]
    const own = addr_info
      .filter(({ scope }: any) => scope === 'global')
      .map(({ local, prefixlen }: any) => `${local}/${prefixlen}`)
    if (!flags.includes('UP')) return [`${kind} ${ifname} is down`]
    return [`${kind} ${ifname} mtu ${mtu}`, ...own.map((address: string) => `${kind} ${ifname} has ${address}`)]
  })
}

/** All chains and rules of the table as one short word: only sets and maps ever change. */
export function chainsOf({ nftables }: any): string {
  const fixed = nftables.filter((one: any) => 'chain' in one || 'rule' in one || 'table' in one)
  const text = JSON.stringify(fixed, (key, value) => (['handle', 'packets', 'bytes'].includes(key) ? 0 : value))
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

function seenRules({ nftables }: any): string[] {
  const elements = (name: string): any[] => {
    const found = nftables.find(({ set, map }: any) => (set ?? map)?.name === name)
    return ((found?.set ?? found?.map)?.elem ?? []).map((one: any) => one.elem?.val ?? one)
  }
  const concat = (value: any): any[] =>
    (value?.concat ?? [value]).map((one: any) => (one?.prefix ? `${one.prefix.addr}/${one.prefix.len}` : one))
  const key = (pair: any): any[] => concat(pair?.elem?.val ?? pair)
  return [
    ...elements('bridges').map((name) => `rules know ${name}`),
    ...elements('icc_off').map((name) => `rules part ${name}`),
    ...elements('internal').map((name) => `rules close ${name}`),
    ...['own4', 'own6'].flatMap(elements).map((one) => `rules know ${concat(one)[0]}`),
    ...elements('published4_any').map(
      ([from, to]) => `rules lead ${key(from)[0]} 0.0.0.0 ${key(from)[1]} to ${key(to).join(' ')}`,
    ),
    ...elements('published4').map(([from, to]) => `rules lead ${key(from).join(' ')} to ${key(to).join(' ')}`),
  ]
}

function seenSockets(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.trim().split(/\s+/))
    .map(([protocol, , , , local]) => `listens ${protocol} ${local!.split(':').at(-1)}`)
}

/** Of a sandbox of its own; those of others are seen where they are. */
async function lookInside(world: World, { name, id, mode, sandbox, status }: Container): Promise<string[]> {
  if (sandbox === undefined || status !== 'running' || (mode !== 'own' && mode !== 'none')) return []
  const path = (await world.get(`/containers/${id}/json`)).NetworkSettings.SandboxKey
  const { stdout, stderr } = await world.inside(path, 'sh', '-c', 'ip -j address; ip -j route')
  if (stderr !== '') return [`${name}: ${stderr.trim()}`]
  const [links, routes] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const addresses = links
    .filter(({ ifname, operstate }: any) => ifname !== 'lo' && operstate === 'UP')
    .flatMap(({ addr_info }: any) => addr_info.filter(({ scope }: any) => scope === 'global'))
  const ways = routes.filter(({ dst }: any) => dst === 'default')
  return [
    ...addresses.map(({ local }: any) => `${name} has ${local}`),
    ...ways.map(({ gateway }: any) => `${name} goes out by ${gateway}`),
  ]
}
