import { EngineError } from '../../../base/errors.ts'
import { ensureForwardingEntry } from '../../../kernel/netlink/forwarding-entries.ts'
import { findLink } from '../../../kernel/netlink/links.ts'
import { removeNeighbours } from '../../../kernel/netlink/neighbours.ts'
import { ensureRoute } from '../../../kernel/netlink/routes.ts'
import { ensureCable } from '../../cables/cable.ts'
import { vethName } from '../../cables/link-marks.ts'
import type { Changes, DriverContext, EndpointSpec, OpenSandbox } from '../../driver.ts'
import { bareAddress, contains, parseAddress, requirePrefix } from '../../ipam/prefix.ts'
import { requireUnderlay } from './ensure-overlay.ts'
import { bridgeName, namespacePath, openOverlay } from './overlay-namespace.ts'
import { type OverlayPlan, overlayMtu } from './plan.ts'

/** Plugs a container into this host's bridge of a network. Makes only what is missing. */
export function ensureOverlayEndpoint(
  plan: OverlayPlan,
  endpoint: EndpointSpec,
  sandbox: OpenSandbox,
  context: DriverContext,
): Changes {
  const open = openOverlay(namespacePath(context.execRoot, plan.networkId))
  if (open === undefined) throw new EngineError('internal', `${about(plan)}: its namespace is gone`)
  using _ = open
  const { netlink } = open
  const bridge = findLink(netlink, bridgeName)
  if (bridge === undefined) throw new EngineError('internal', `${about(plan)}: its bridge is gone`)
  const site = {
    netlink,
    bridge: bridgeName,
    bridgeIndex: bridge.index,
    mtu: overlayMtu(plan, requireUnderlay(plan, context)),
    mtuMayChange: true,
    // Known before it speaks: frames for it are not flooded to its neighbours.
    settle: (index: number) => ensureForwardingEntry(netlink, { index, mac: endpoint.mac, place: 'bridge' }),
  }
  const isNew = findLink(netlink, vethName(endpoint.id)) === undefined
  // It may have been on another host until now; here it answers for itself.
  if (isNew)
    removeNeighbours(
      netlink,
      endpoint.addresses.map((cidr) => ({ index: bridge.index, address: bareAddress(cidr) })),
    )
  const changes = ensureCable(site, endpoint, sandbox)
  ensureRoutes(plan, endpoint, sandbox)
  return changes
}

function about({ networkName }: OverlayPlan): string {
  return `Cannot plug into network "${networkName}"`
}

/** To the network's other subnets of the same family, by the gateway of the own one. */
function ensureRoutes(
  { subnets }: OverlayPlan,
  { addresses, interfaceName }: EndpointSpec,
  { netlink }: OpenSandbox,
): void {
  const index = findLink(netlink, interfaceName)?.index
  if (index === undefined || subnets.length < 2) return
  const blocks = subnets.map((subnet) => ({ ...subnet, block: requirePrefix(subnet.prefix, 'subnet') }))
  for (const cidr of addresses) {
    const address = parseAddress(bareAddress(cidr))
    const own = blocks.find(({ block }) => address && contains(block, address))
    if (own?.gateway === undefined) continue
    const others = blocks.filter((one) => one !== own && one.block.family === own.block.family)
    for (const { prefix } of others) ensureRoute(netlink, { to: prefix, via: bareAddress(own.gateway), index })
  }
}
