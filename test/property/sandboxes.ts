import { isIP } from 'node:net'
import { isFull, isInside, isTaken } from './addresses.ts'
import {
  type Container,
  donorOf,
  hasInterfaces,
  isBridge,
  isJoiner,
  type Model,
  predefined,
  type Wish,
  wayOut,
} from './model.ts'
import { type Refusal, reasons } from './operation.ts'
import { boundOfOthers, portRefusals } from './ports.ts'

const setUp = 'failed to set up container networking: '

/** What is wrong with a wish by itself, in Docker's words. */
export function wishProblems(model: Model, network: string, { ip, ip6, alias, linkLocal }: Wish): string[] {
  const { subnets = [] } = model.networks[network] ?? {}
  const isHere = network in model.networks
  const { ipv4, ipv6 } = { ipv4: isIP(ip ?? '0.0.0.0') === 4, ipv6: isIP(ip6 ?? '::') === 6 }
  const isForeign = (address: string | undefined) =>
    isHere && address !== undefined && !subnets.some(({ subnet }) => isInside(subnet, address))
  const isOurs = predefined.includes(network)
  const list: readonly (readonly [boolean, string])[] = [
    [isOurs && (ip ?? ip6) !== undefined, 'user-specified IP address is supported on user-defined networks only'],
    [isOurs && alias !== undefined, 'network-scoped aliases are only supported for user-defined networks'],
    [!isOurs && !ipv4, `invalid IPv4 address: ${ip}`],
    [!isOurs && ipv4 && isForeign(ip), `no configured subnet contains IP address ${ip}`],
    [!isOurs && !ipv6, `invalid IPv6 address: ${ip6}`],
    [!isOurs && ipv6 && isForeign(ip6), `no configured subnet contains IP address ${ip6}`],
    [linkLocal !== undefined && !linkLocal.startsWith('169.254.'), `invalid link-local IP address: ${linkLocal}`],
  ]
  return list.filter(([holds]) => holds).map(([, problem]) => problem)
}

/** Problems as Docker lists them: one stands bare, several have a star each. */
export function wishRefusals(model: Model, network: string, wish: Wish, before = ''): Refusal[] {
  const problems = wishProblems(model, network, wish)
  const list = problems.length === 1 ? problems[0] : problems.map((problem) => `* ${problem}`).join('\n')
  return reasons([problems.length > 0, 400, `${before}invalid endpoint settings:\n${list}`])
}

/** Why a container cannot get a place on a network that there is. */
export function placeRefusals(model: Model, network: string, { ip, ip6 }: Wish, before = ''): Refusal[] {
  if (!hasInterfaces(network)) return []
  const { template, ipv4 } = model.networks[network]!
  const full = `${before}no available IPv4 addresses on this network's address pools: ${network} \\([0-9a-f]{64}\\)`
  return reasons(
    [template, 403, `${before}cannot create endpoint on configuration-only network`],
    [[ip, ip6].some((one) => one && isTaken(model, network, one)), 403, `${before}Address already in use`],
    [!template && ip === undefined && ipv4 && isFull(model, network), 500, new RegExp(`^${full}$`)],
  )
}

/** Why a container that does not run cannot start. */
export function startRefusals(model: Model, container: Container): Refusal[] {
  const { name, wishes, sandbox, ports } = container
  if (isJoiner(container)) return joinRefusals(model, container)
  if (sandbox !== undefined) return [] // others kept it alive
  const missing = Object.keys(wishes).filter((network) => !(network in model.networks))
  if (missing.length > 0)
    return missing.flatMap((network) => reasons([true, 404, `${setUp}network ${network} not found`]))
  return [
    ...Object.entries(wishes).flatMap(([network, wish]) => [
      ...wishRefusals(model, network, wish, setUp),
      ...placeRefusals(model, network, wish, setUp),
    ]),
    ...(publishes(model, opened(model, container)) ? portRefusals(name, ports, boundOfOthers(model, name)) : []),
  ]
}

function joinRefusals(model: Model, container: Container): Refusal[] {
  const number = donorOf(model, container)
  const donor = number === undefined ? undefined : model.containers[number]
  const isItself = donor?.name === container.name
  return reasons(
    [donor === undefined, 500, /^joining network namespace of container: No such container: \w+$/],
    [isItself, 500, 'cannot join own network namespace'],
    [
      donor !== undefined && !isItself && donor.status !== 'running',
      409,
      `cannot join network namespace of a non running container: container ${donor?.name} is ${donor?.status}`,
    ],
  )
}

/** The container with the network that a start gives it; what the engine chooses is not known yet. */
export function opened(model: Model, container: Container): Container {
  const { sandbox, wishes } = container
  if (isJoiner(container)) {
    return { ...container, mode: donorOf(model, container) ?? container.mode, sandbox: sandbox ?? { endpoints: {} } }
  }
  const endpoints = Object.fromEntries(Object.keys(wishes).map((name) => [name, {}]))
  return { ...container, sandbox: sandbox ?? { endpoints } }
}

/** Whether ports can be published: the way out is a bridge. */
export function publishes(model: Model, container: Container): boolean {
  const way = wayOut(model, container, 'ipv4') ?? wayOut(model, container, 'ipv6')
  return container.mode === 'own' && way !== undefined && isBridge(model, way)
}
