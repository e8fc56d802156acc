import { listAddresses } from '../../../kernel/netlink/addresses.ts'
import { readBridgePort } from '../../../kernel/netlink/bridge-ports.ts'
import { type LinkInfo, listLinks } from '../../../kernel/netlink/links.ts'
import { linkKinds } from '../../../wire/netlink/link-kinds.ts'
import type { Difference, DriverContext } from '../../driver.ts'
import type { PeerSpec, Underlay } from '../../peers.ts'
import { entryDifferences } from './differences.ts'
import { requireUnderlay } from './ensure-overlay.ts'
import { bridgeName, namespacePath, type OpenOverlay, openOverlay } from './overlay-namespace.ts'
import { compareEntries, entriesOf } from './peer-entries.ts'
import { heldEntries } from './peers.ts'
import { type OverlayPlan, overlayMtu, tunnelsOf } from './plan.ts'
import { portSettings, tunnelName } from './tunnel.ts'

/** Compares what the kernel holds of a network with what it should hold. Changes nothing. */
export function examineOverlay(
  plan: OverlayPlan,
  peers: readonly PeerSpec[],
  context: DriverContext,
): readonly Difference[] {
  const path = namespacePath(context.execRoot, plan.networkId)
  using open = openOverlay(path)
  if (open === undefined) return [{ what: `its namespace ${path} is gone` }]
  const underlay = requireUnderlay(plan, context)
  const mtu = overlayMtu(plan, underlay)
  const links = listLinks(open.netlink)
  const byName = new Map(links.map((link) => [link.name, link]))
  const bridge = byName.get(bridgeName)
  if (bridge === undefined) return [{ what: `its bridge ${bridgeName} is gone` }]
  const wanted = { mtu, bridge: bridge.index, underlay }
  const sentences = [
    ...bridgeDifferences(plan, bridge, mtu, open),
    ...tunnelsOf(plan).flatMap((vni) => tunnelDifferences(vni, byName.get(tunnelName(vni)), wanted, open)),
  ].map((what) => ({ what }))
  const tunnels = new Map(
    tunnelsOf(plan).flatMap((vni): [number, number][] => {
      const link = byName.get(tunnelName(vni))
      return link === undefined ? [] : [[vni, link.index]]
    }),
  )
  if (tunnels.size === 0) return sentences // all entries went with it
  const devices = { bridge: bridge.index, tunnels }
  const compared = compareEntries(entriesOf(plan, peers, devices), heldEntries(open.netlink, links), devices)
  const names = new Map(links.map(({ index, name }) => [index, name]))
  return [...sentences, ...entryDifferences(compared, peers, (index) => names.get(index) ?? String(index))]
}

function bridgeDifferences(
  { subnets }: OverlayPlan,
  bridge: LinkInfo,
  mtu: number,
  { netlink }: OpenOverlay,
): string[] {
  const held = new Set(
    listAddresses(netlink, bridge.index).map(({ address, prefixLength }) => `${address}/${prefixLength}`),
  )
  const gone = subnets.flatMap(({ gateway }) => (gateway === undefined || held.has(gateway) ? [] : [gateway]))
  return [
    ...linkDifferences(`bridge ${bridgeName}`, bridge, mtu),
    ...gone.map((gateway) => `bridge ${bridgeName} has lost the gateway's address ${gateway}`),
  ]
}

interface WantedTunnel {
  readonly mtu: number
  readonly bridge: number
  readonly underlay: Underlay
}

function tunnelDifferences(
  vni: number,
  link: LinkInfo | undefined,
  { mtu, bridge, underlay }: WantedTunnel,
  { netlink }: OpenOverlay,
): string[] {
  const tunnel = `tunnel ${tunnelName(vni)}`
  if (link === undefined || link.data === undefined) return [`${tunnel} is gone`]
  const has = linkKinds.vxlan.decode(link.data)
  const local = has.local ?? has.local6
  const port = readBridgePort(netlink, link.index)
  const settings = Object.entries(portSettings).filter(
    ([name, value]) => port?.[name as keyof typeof portSettings] !== value,
  )
  return [
    ...linkDifferences(tunnel, link, mtu),
    ...(has.id === vni ? [] : [`${tunnel} has VNI ${has.id}`]),
    ...(has.learning === 0 ? [] : [`${tunnel} learns from the wire, which can keep the right entries out`]),
    ...(has.proxy === 1 ? [] : [`${tunnel} lets questions for addresses out on the wire`]),
    ...(local === underlay.address ? [] : [`${tunnel} sends as ${local ?? 'any address'}, not as ${underlay.address}`]),
    ...(link.master === bridge ? [] : [`${tunnel} is not a port of bridge ${bridgeName}`]),
    ...(link.master === bridge ? settings : []).map(
      ([name, value]) => `${tunnel} has the bridge's setting "${name}" ${value ? 'off' : 'on'}`,
    ),
  ]
}

function linkDifferences(name: string, { up, mtu }: LinkInfo, wanted: number): string[] {
  return [
    ...(up ? [] : [`${name} is down`]),
    ...(mtu === wanted ? [] : [`${name} carries packets of ${mtu} bytes, not of ${wanted}`]),
  ]
}
