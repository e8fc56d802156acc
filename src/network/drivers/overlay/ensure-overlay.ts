import { EngineError } from '../../../base/errors.ts'
import { ensureAddress } from '../../../kernel/netlink/addresses.ts'
import { createBridge, deleteLink, findLink, type LinkInfo, listLinks, setLink } from '../../../kernel/netlink/links.ts'
import { ensureSysctl } from '../../../kernel/sysctl.ts'
import { networkMark } from '../../cables/link-marks.ts'
import type { Changes, DriverContext } from '../../driver.ts'
import type { Underlay } from '../../peers.ts'
import { ensureGuards, requireEncryption } from './esp/encryption.ts'
import { bridgeName, ensureOverlayNamespace, namespacePath, type OpenOverlay } from './overlay-namespace.ts'
import { type OverlayPlan, overlayMtu, tunnelsOf } from './plan.ts'
import { ensureTunnel, tunnelName } from './tunnel.ts'

/** Makes this host's part of a network: namespace, bridge, tunnels. Safe to call at any time, any number of times. */
export function ensureOverlay(plan: OverlayPlan, context: DriverContext): Changes {
  const underlay = requireUnderlay(plan, context)
  const vnis = tunnelsOf(plan)
  if (plan.encrypted) requireEncryption()
  const changes: string[] = []
  using open = ensureOverlayNamespace(namespacePath(context.execRoot, plan.networkId), changes)
  const mtu = overlayMtu(plan, underlay)
  if (plan.encrypted) ensureGuards(plan, open, context)
  const bridge = ensureBridge(plan, mtu, open, changes)
  removeOtherTunnels(vnis, open, changes)
  for (const vni of vnis)
    changes.push(...ensureTunnel({ ...open, vni, mtu, underlay, host: context.host, bridge: bridge.index }))
  ensureGateways(plan, bridge, open, changes)
  return changes
}

/** @throws {EngineError} `forbidden`, as Docker where no swarm is */
export function requireUnderlay({ networkName }: OverlayPlan, { underlay }: Pick<DriverContext, 'underlay'>): Underlay {
  if (underlay !== undefined) return underlay
  const about = `Cannot make overlay network "${networkName}": this host is in no cluster`
  throw new EngineError('forbidden', `${about}; start the daemon with --cluster-store and --cluster-advertise`)
}

function ensureBridge(
  { mac, networkId, enableIPv6 }: OverlayPlan,
  mtu: number,
  { namespace, netlink }: OpenOverlay,
  changes: string[],
): LinkInfo {
  let bridge = findLink(netlink, bridgeName)
  if (bridge === undefined) {
    // Without snooping: multicast stays on this host, and goes to all of its containers.
    createBridge(netlink, { name: bridgeName, mac, mtu, multicastSnooping: false })
    bridge = findLink(netlink, bridgeName)!
    changes.push(`created bridge ${bridgeName}`)
  }
  const { index, alias } = bridge
  if (alias !== networkMark(networkId)) setLink(netlink, index, { alias: networkMark(networkId) })
  if (enableIPv6) ensureSysctl(namespace, `net.ipv6.conf.${bridgeName}.disable_ipv6`, '0')
  if (bridge.mtu !== mtu) {
    setLink(netlink, index, { mtu })
    changes.push(`set mtu of ${bridgeName}: ${bridge.mtu} to ${mtu}`)
  }
  return bridge
}

/** What an earlier plan of the network had. */
function removeOtherTunnels(vnis: readonly number[], { netlink }: OpenOverlay, changes: string[]): void {
  const wanted = new Set(vnis.map(tunnelName))
  for (const { kind, name } of listLinks(netlink)) {
    if (kind !== 'vxlan' || wanted.has(name)) continue
    deleteLink(netlink, name)
    changes.push(`removed tunnel ${name}`)
  }
}

function ensureGateways({ subnets }: OverlayPlan, bridge: LinkInfo, { netlink }: OpenOverlay, changes: string[]): void {
  for (const { gateway } of subnets) {
    if (gateway === undefined) continue
    const [address = '', length] = gateway.split('/')
    const added = ensureAddress(netlink, bridge.index, { address, prefixLength: Number(length), noDad: true })
    if (added) changes.push(`added ${gateway} to ${bridgeName}`)
  }
  if (bridge.up) return
  setLink(netlink, bridge.index, { up: true })
  changes.push(`brought up ${bridgeName}`)
}
