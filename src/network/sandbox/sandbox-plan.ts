import type { NamedEndpoint, SandboxSetup } from '../../resolver/protocol.ts'
import { withoutHostResolver } from '../dns/host-resolver.ts'
import { byGatewayRank, type Candidate, electGateways, type Gateways, isWished } from '../endpoints/gateways.ts'
import { readTextIfThere } from '../host-facts.ts'
import { bareAddress } from '../ipam/prefix.ts'
import { addressesOf, foundLinks, linkAnswers, linkLines } from '../links/linked-endpoints.ts'
import type { EndpointRecord, SandboxRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import { isPredefined } from '../networks/predefined-names.ts'
import type { PublishTarget } from '../ports/port-plan.ts'
import { ownLine } from './hosts-file.ts'
import { type PlannedResolvConf, parseResolvConf, planResolvConf, type ResolvConf } from './resolv-conf.ts'

type PlanParts = Pick<NetworkParts, 'table' | 'drivers' | 'config' | 'files'>

/** Everything that follows from a container's wish and the endpoints that it has: what is to be so. */
export interface SandboxPlan {
  readonly gateways: Gateways
  /** Where its published ports lead; undefined when it has no way out to publish on. */
  readonly target: PublishTarget | undefined
  /** Undefined when no network of its answers names. */
  readonly setup: SandboxSetup | undefined
  readonly names: readonly NamedEndpoint[]
  /** Its own lines in /etc/hosts. */
  readonly hostsLines: readonly string[]
  readonly resolvConf: PlannedResolvConf
}

/** Plans a container's network from its record and endpoints. Reads the host's resolv.conf; touches nothing. */
export function planSandbox(
  parts: PlanParts,
  record: SandboxRecord,
  endpoints: readonly EndpointRecord[],
): SandboxPlan {
  const candidates = endpoints.flatMap((endpoint): Candidate[] => {
    const network = parts.table.network(endpoint.networkId)
    return network === undefined ? [] : [{ endpoint, network }]
  })
  const gateways = electGateways(candidates)
  const named = byGatewayRank(candidates.filter(hasNames))
  const resolvConf = planFile(parts, record, endpoints, named.length > 0)
  return {
    gateways,
    target: publishTarget(parts, record, gateways),
    setup: named.length === 0 ? undefined : sandboxSetup(parts, record, named, resolvConf),
    names: named.map(({ endpoint }) => namedEndpoint(endpoint)),
    hostsLines: [
      ...endpoints.filter(isWished).flatMap((endpoint) => ownLines(record, endpoint)),
      ...endpoints.flatMap((one) => linkLines(parts.table, one)),
    ],
    resolvConf,
  }
}

/** On the predefined networks, and on the engine's own way out, nobody is called by a name. */
function hasNames({ endpoint, network }: Candidate): boolean {
  return !isPredefined(network.name) && isWished(endpoint)
}

function publishTarget({ drivers }: PlanParts, { wish }: SandboxRecord, gateways: Gateways): PublishTarget | undefined {
  const main = gateways.ipv4 ?? gateways.ipv6
  if (main === undefined) return undefined
  const { driver, plan } = drivers.of(main.network)
  if (!driver.traits.publishesPorts) return undefined
  const { defaultHostAddress, proxied } = driver.publishing(plan)
  const ipv4 = gateways.ipv4?.endpoint.ipv4
  const ipv6 = gateways.ipv6?.endpoint.ipv6
  const families = (option: 'routed' | 'opened') => {
    return (['ipv4', 'ipv6'] as const).filter((family) => {
      const gateway = gateways[family]
      if (gateway === undefined) return false
      const way = drivers.of(gateway.network)
      return way.driver.publishing(way.plan)[option].includes(family)
    })
  }
  return {
    containerId: wish.containerId,
    containerName: wish.containerName,
    endpointId: main.endpoint.id,
    ...(ipv4 !== undefined && { ipv4: bareAddress(ipv4) }),
    ...(ipv6 !== undefined && { ipv6: bareAddress(ipv6) }),
    ...(defaultHostAddress !== undefined && { defaultHostAddress }),
    ...(proxied && { proxied }),
    routed: families('routed'),
    opened: families('opened'),
  }
}

function sandboxSetup(
  { table }: PlanParts,
  { id, path }: SandboxRecord,
  named: readonly Candidate[],
  { upstreams, ndotsSet }: PlannedResolvConf,
): SandboxSetup {
  const links = named.map(({ endpoint, network }) => foundLinks(table.endpointsOfNetwork(network.id), endpoint))
  return {
    id,
    netnsPath: path,
    networks: named.map(({ network }) => ({ id: network.id, name: network.name })),
    upstreams,
    forwardFromHost: named.some(({ network }) => !network.internal),
    ndotsSet,
    links: linkAnswers(links),
  }
}

function namedEndpoint(endpoint: EndpointRecord): NamedEndpoint {
  const { id, networkId, networkName, containerId, dnsNames } = endpoint
  const owner = { containerId, networkName }
  return { id, networkId, names: dnsNames, addresses: addressesOf(endpoint), owner }
}

function ownLines({ wish }: SandboxRecord, endpoint: EndpointRecord): string[] {
  return addressesOf(endpoint).map((address) => ownLine(address, wish.hostname, wish.domainname))
}

function planFile(
  { files, config }: PlanParts,
  { wish }: SandboxRecord,
  endpoints: readonly EndpointRecord[],
  embedded: boolean,
): PlannedResolvConf {
  const read = (text: string) => withoutHostResolver(parseResolvConf(text), config.hostResolver)
  const main = readTextIfThere(files.resolvConf)
  // Behind a stub on loopback are servers that a container can reach by itself; the host itself is asked by the stub.
  const isStub = !embedded && read(main).nameservers.every((server) => server === '127.0.0.53')
  const behind = isStub ? readTextIfThere(files.resolvConfBehindStub) : ''
  const [text, hostPath] = behind === '' ? [main, files.resolvConf] : [behind, files.resolvConfBehindStub]
  return planResolvConf({
    host: read(text),
    hostPath,
    overrides: withTold(overridesOf(wish.dns, config), endpoints),
    embedded,
    ipv6: endpoints.some(({ ipv6 }) => ipv6 !== undefined),
  })
}

/** What plugins say of their networks counts where neither the container nor the settings say anything. */
function withTold(said: ResolvConf, endpoints: readonly EndpointRecord[]): ResolvConf {
  const told = endpoints.map((endpoint) => endpoint.told).filter((one) => one !== undefined)
  const chosen = (own: readonly string[], theirs: readonly string[]) => (own.length > 0 ? own : theirs)
  return {
    nameservers: chosen(
      said.nameservers,
      told.flatMap(({ nameservers }) => nameservers),
    ),
    search: chosen(
      said.search,
      told.flatMap(({ search }) => search),
    ),
    options: chosen(
      said.options,
      told.flatMap(({ options }) => options),
    ),
  }
}

/** What the container says, else what the engine's settings say. */
export function overridesOf(
  { servers, search, options }: SandboxRecord['wish']['dns'],
  config: Pick<NetworkParts['config'], 'dns' | 'dnsSearch' | 'dnsOptions'>,
): ResolvConf {
  return {
    nameservers: servers.length > 0 ? servers : config.dns,
    search: search.length > 0 ? search : config.dnsSearch,
    options: options.length > 0 ? options : config.dnsOptions,
  }
}
