import { EngineError } from '../../../../base/errors.ts'
import type { DriverContext } from '../../../driver.ts'
import { requirePrefix } from '../../../ipam/prefix.ts'
import type { PeerSpec, PeerTable } from '../../../peers.ts'
import { checkRequest, parseBlockLength } from './options.ts'
import type { HostGwPlan } from './plan.ts'
import { compareRoutes, dropRoute, gatewayTo, heldRoutes, routesOf, setRoute } from './routes.ts'

/** A host that routes cannot lead to. */
export interface FarHost {
  readonly id: string
  readonly name: string
  readonly address: string
  /** Empty: nothing leads there. */
  readonly gateway: string
}

/** The hosts of peers that are not on a link of this host. */
export function farHosts(peers: readonly PeerSpec[], { host }: Pick<DriverContext, 'host'>): readonly FarHost[] {
  const far = peers.flatMap(({ endpointId: id, hostName: name, hostAddress: address }) => {
    if (name === undefined) return []
    const gateway = gatewayTo(host, address)
    return gateway === undefined ? [] : [{ id, name, address, gateway }]
  })
  return far.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Why a host cannot be reached by plain routes: a sentence without its full stop. */
export function farWords({ name, address, gateway }: FarHost): string {
  const where = gateway === '' ? 'no route leads there' : `it is behind gateway ${gateway}`
  return `host ${name} (${address}) is not on a link of this host: ${where}`
}

/** What such networks know of other hosts: a route to each one's block. The kernel's table holds them, and nothing else. */
export const hostGwPeers: PeerTable<HostGwPlan> = {
  wishedVnis: () => [],

  blocks(request) {
    checkRequest(request)
    const length = parseBlockLength(request.options)
    return length === undefined ? {} : { length }
  },

  check({ networkName }, peers, context) {
    const far = farHosts(peers, context)
    if (far.length === 0) return
    const why = `its backend "host-gw" has no tunnels, and ${far.map(farWords).join('; ')}`
    const remedy = 'connect the hosts by one link, or make the network with backend "vxlan"'
    throw new EngineError('forbidden', `Cannot join network "${networkName}": ${why}; ${remedy}`)
  },

  async ensure({ subnet, networkName }, peers, context) {
    const { host } = context
    const wanted = nearRoutes(peers, networkName, context)
    const changes: string[] = []
    for (const { to, wanted: via, held } of compareRoutes(wanted, heldRoutes(host, requirePrefix(subnet, 'subnet')))) {
      if (via === undefined) {
        dropRoute(host, { to, via: held! })
        changes.push(`removed the route to ${to} via ${held}`)
      } else if (make({ to, via }, held, context)) changes.push(`made the route to ${to} via ${via}`)
    }
    return changes
  },

  async add({ subnet, networkName }, peers, context) {
    const wanted = nearRoutes(peers, networkName, context)
    const held = new Map(heldRoutes(context.host, requirePrefix(subnet, 'subnet')).map(({ to, via }) => [to, via]))
    for (const { to, via } of wanted) if (held.get(to) !== via) make({ to, via }, held.get(to), context)
  },

  async remove({ subnet }, peers, { host }) {
    // A block is its host's for as long as that has any endpoint.
    const gone = new Set(peers.filter(({ hostName }) => hostName !== undefined).map(({ hostAddress }) => hostAddress))
    if (gone.size === 0) return
    const held = heldRoutes(host, requirePrefix(subnet, 'subnet'))
    for (const route of held) if (gone.has(route.via)) dropRoute(host, route)
  },
}

/** Routes to hosts that are on a link of this one; of the others it is told. */
function nearRoutes(peers: readonly PeerSpec[], network: string, context: DriverContext): ReturnType<typeof routesOf> {
  const routes = routesOf(peers)
  const far = new Map<string, string>()
  for (const via of new Set(routes.map((route) => route.via))) {
    const gateway = gatewayTo(context.host, via)
    if (gateway === undefined) continue
    far.set(via, gateway)
    const host = peers.find((peer) => peer.hostName !== undefined && peer.hostAddress === via)?.hostName
    const fields = { network, host, address: via, gateway }
    context.log.error('cannot reach a host by plain routes: it is not on a link of this one', fields)
  }
  return routes.filter(({ via }) => !far.has(via))
}

function make(
  route: { readonly to: string; readonly via: string },
  held: string | undefined,
  { host, log }: DriverContext,
): boolean {
  const made = setRoute(host, route, held)
  if (!made) log.error('cannot make a route: somebody else’s leads there', { ...route })
  return made
}
