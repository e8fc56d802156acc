import { readSysctl } from '../../../../kernel/sysctl.ts'
import type {
  Changes,
  Difference,
  DriverContext,
  EndpointSpec,
  NetworkDriver,
  NetworkSpec,
  OpenSandbox,
  Ownership,
  Publishing,
} from '../../../driver.ts'
import type { Element } from '../../../firewall/elements.ts'
import { overlaps, requirePrefix } from '../../../ipam/prefix.ts'
import type { PeerSpec } from '../../../peers.ts'
import { farHosts, farWords, hostGwPeers } from './peers.ts'
import { type HostGwPlan, planHostGw, requireBlock, spanElements } from './plan.ts'
import { compareRoutes, dropRoute, heldRoutes, routesOf } from './routes.ts'

/**
 * Networks of several hosts without tunnels: on each host an ordinary bridge on a block of the subnet, and a route to
 * each other host's block by that host's address. Whatever bridges do (ports, the way out, the firewall) is theirs.
 */
export class HostGwDriver implements NetworkDriver<HostGwPlan> {
  readonly name = 'overlay'
  readonly traits = {
    scope: 'global',
    onlyPredefined: false,
    hasInterfaces: true,
    publishesPorts: true,
    providesGateway: true,
  } as const
  readonly peers = hostGwPeers
  readonly #plain: NetworkDriver

  /** @param plain the driver of plain bridges */
  constructor(plain: NetworkDriver) {
    this.#plain = plain
  }

  plan(spec: NetworkSpec): HostGwPlan {
    return planHostGw(spec, this.#plain)
  }

  underlying({ bridge }: HostGwPlan): { readonly driver: NetworkDriver; readonly plan: unknown } {
    return { driver: this.#plain, plan: bridge }
  }

  hostInterface({ bridge }: HostGwPlan): string | undefined {
    return this.#plain.hostInterface(bridge)
  }

  interfacePrefix({ bridge }: HostGwPlan): string {
    return this.#plain.interfacePrefix(bridge)
  }

  publishing({ bridge }: HostGwPlan): Publishing {
    return this.#plain.publishing(bridge)
  }

  macFor(address: string): string {
    return this.#plain.macFor(address)
  }

  elements(plan: HostGwPlan): readonly Element[] {
    return plan.block === undefined ? [] : [...this.#plain.elements(plan.bridge), ...spanElements(plan)]
  }

  ownership({ bridge }: HostGwPlan, context: DriverContext): Ownership {
    return this.#plain.ownership(bridge, context)
  }

  async ensureNetwork(plan: HostGwPlan, context: DriverContext): Promise<Changes> {
    requireBlock(plan)
    return this.#plain.ensureNetwork(plan.bridge, context)
  }

  async removeNetwork({ bridge, subnet }: HostGwPlan, context: DriverContext): Promise<void> {
    for (const route of heldRoutes(context.host, requirePrefix(subnet, 'subnet'))) dropRoute(context.host, route)
    await this.#plain.removeNetwork(bridge, context)
  }

  ensureEndpoint(
    { bridge }: HostGwPlan,
    endpoint: EndpointSpec,
    sandbox: OpenSandbox,
    context: DriverContext,
  ): Promise<Changes> {
    return this.#plain.ensureEndpoint(bridge, endpoint, sandbox, context)
  }

  removeEndpoint({ bridge }: HostGwPlan, ...rest: PlainRest<'removeEndpoint'>): Promise<void> {
    return this.#plain.removeEndpoint(bridge, ...rest)
  }

  abandonEndpoint({ bridge }: HostGwPlan, ...rest: PlainRest<'abandonEndpoint'>): void {
    this.#plain.abandonEndpoint(bridge, ...rest)
  }

  examine(plan: HostGwPlan, peers: readonly PeerSpec[], context: DriverContext): readonly Difference[] {
    const { subnet, bridge } = plan
    const far = farHosts(peers, context)
    const unreachable = new Set(far.map(({ address }) => address))
    const wanted = routesOf(peers).filter(({ via }) => !unreachable.has(via))
    const name = this.#plain.hostInterface(bridge)
    const sentences = [
      ...(this.#plain.ownership(bridge, context) === 'missing' ? [`its bridge ${name} is gone`] : []),
      ...(readSysctl(context.hostNamespace, 'net.ipv4.ip_forward') === '1' ? [] : ['this host does not forward IPv4']),
      ...compareRoutes(wanted, heldRoutes(context.host, requirePrefix(subnet, 'subnet'))).map(routeWords),
    ]
    return [...sentences.map((what) => ({ what })), ...far.map((one) => ({ what: farWords(one), about: one.id }))]
  }

  /** Bridges and cables are swept by whoever made them. */
  async sweep({ networks }: { readonly networks: readonly HostGwPlan[] }, { host }: DriverContext): Promise<Changes> {
    const subnets = networks.map(({ subnet }) => requirePrefix(subnet, 'subnet'))
    const unwanted = heldRoutes(host).filter(
      ({ to }) => !subnets.some((subnet) => overlaps(subnet, requirePrefix(to, 'route'))),
    )
    for (const route of unwanted) dropRoute(host, route)
    return unwanted.map(({ to }) => `removed the route to ${to}`)
  }
}

/** What the driver of plain bridges is told besides its plan. */
type PlainRest<Method extends 'removeEndpoint' | 'abandonEndpoint'> =
  Parameters<NetworkDriver[Method]> extends [unknown, ...infer Rest] ? Rest : never

function routeWords({ to, wanted, held }: ReturnType<typeof compareRoutes>[number]): string {
  if (held === undefined) return `the route to ${to} via ${wanted} is gone`
  if (wanted === undefined) return `a route leads to ${to} via ${held}: no host has that block`
  return `the route to ${to} leads via ${held}, not via ${wanted}`
}
