import { EngineError } from '../../../../base/errors.ts'
import { KernelFeatures } from '../../../../kernel/host/features.ts'
import type { NetworkNamespace } from '../../../../kernel/namespace.ts'
import { NETLINK_XFRM, NetlinkSocket } from '../../../../kernel/netlink/netlink-socket.ts'
import {
  ensureAssociation,
  listAssociations,
  listOutgoingPolicies,
  putOutgoingPolicy,
  removeAssociation,
  removeOutgoingPolicy,
} from '../../../../kernel/netlink/security.ts'
import type { Changes, DriverContext } from '../../../driver.ts'
import type { PeerSpec } from '../../../peers.ts'
import { requireUnderlay } from '../ensure-overlay.ts'
import type { OpenOverlay } from '../overlay-namespace.ts'
import { type OverlayPlan, tunnelsOf } from '../plan.ts'
import { tunnelName } from '../tunnel.ts'
import { removeGuard, renderGuard, renderMarking, writeRules } from './clear-text-rules.ts'
import { compareEsp, type EspPlan, type EspSite, markOf, planEsp, planHost } from './plan-esp.ts'

/** A quarter of all the numbers that there are: the next secret has time to get about. */
const mostPackets = 2n ** 30n
const noSecrets = { accepted: [], sending: 0 }

/** Whether this kernel can. */
export function canEncrypt(): boolean {
  const features = new KernelFeatures()
  return features.find('esp').supported && features.find('nft-ipsec').supported
}

/** @throws {EngineError} `not-implemented`, with what the kernel lacks */
export function requireEncryption(): void {
  const features = new KernelFeatures()
  features.require('esp')
  features.require('nft-ipsec')
}

/** Before a tunnel is there: nothing of the network leaves or comes in but through ESP. Safe to call at any time. */
export function ensureGuards(plan: OverlayPlan, open: OpenOverlay, context: DriverContext): void {
  const { hostNamespace } = context
  const local = requireUnderlay(plan, context).address
  const tunnels = tunnelsOf(plan).map((vni) => ({ vni, name: tunnelName(vni) }))
  writeRules(open.namespace, renderMarking(tunnels))
  using netlink = openXfrm(hostNamespace)
  for (const { vni } of tunnels) {
    writeRules(hostNamespace, renderGuard(vni))
    if (listOutgoingPolicies(netlink, markOf(vni)).length > 0) continue
    make(netlink, planEsp({ vni, local, secrets: noSecrets }, [])) // what nobody has a key for is dropped
  }
}

/** Makes the kernel able to talk to these peers' hosts, and to no others. */
export function ensureEncryption(plan: OverlayPlan, peers: readonly PeerSpec[], context: DriverContext): Changes {
  if (!plan.encrypted) return []
  using netlink = openXfrm(context.hostNamespace)
  return sitesOf(plan, context).flatMap((site) => {
    const { missing, extra } = compareEsp(planEsp(site, hostsOf(peers)), heldOf(netlink, site.vni))
    make(netlink, missing)
    // A policy that was put in another's place is not there any more; what is left is of hosts that are gone.
    const replaced = new Set(missing.policies.map(({ through }) => through?.destination))
    const gone = extra.policies.filter(({ through }) => !replaced.has(through?.destination))
    unmake(netlink, { associations: extra.associations, policies: gone })
    const count = missing.associations.length + extra.associations.length
    return count === 0 ? [] : [`set ${count} security associations of VNI ${site.vni} right`]
  })
}

/** Whether an association has counted so far that its numbers may run out: at 2^32 the kernel sends nothing any more. */
export function isWorn(plan: OverlayPlan, { hostNamespace }: DriverContext): boolean {
  if (!plan.encrypted) return false
  using netlink = openXfrm(hostNamespace)
  return tunnelsOf(plan).some((vni) => listAssociations(netlink, vni).some(({ packets }) => packets > mostPackets))
}

/** Hosts that are new, or known already. */
export function addEncryption(plan: OverlayPlan, peers: readonly PeerSpec[], context: DriverContext): void {
  if (!plan.encrypted) return
  using netlink = openXfrm(context.hostNamespace)
  for (const site of sitesOf(plan, context)) {
    for (const host of hostsOf(peers)) make(netlink, planHost(site, host))
  }
}

/** Hosts that have nothing on the network any more; which is told by a peer without addresses. */
export function removeEncryption(plan: OverlayPlan, peers: readonly PeerSpec[], context: DriverContext): void {
  const gone = hostsOf(peers.filter(({ addresses }) => addresses.length === 0))
  if (!plan.encrypted || gone.length === 0) return
  using netlink = openXfrm(context.hostNamespace)
  for (const vni of tunnelsOf(plan)) {
    const { associations, policies } = heldOf(netlink, vni)
    unmake(netlink, {
      associations: associations.filter(
        ({ source, destination }) => gone.includes(source) || gone.includes(destination),
      ),
      policies: policies.filter(({ through }) => through !== undefined && gone.includes(through.destination)),
    })
  }
}

/** Nothing of the network is left on this host: no association, no policy, no rule. */
export function dropEncryption(plan: OverlayPlan, { hostNamespace }: DriverContext): void {
  if (plan.encrypted) dropVnis(tunnelsOf(plan), hostNamespace)
}

/** Like `dropEncryption`, of networks that nobody knows any more. */
export function dropVnis(vnis: readonly number[], hostNamespace: NetworkNamespace): void {
  using netlink = openXfrm(hostNamespace)
  for (const vni of vnis) {
    unmake(netlink, heldOf(netlink, vni))
    removeGuard(hostNamespace, vni)
  }
}

function heldOf(netlink: NetlinkSocket, vni: number): EspPlan {
  return { associations: listAssociations(netlink, vni), policies: listOutgoingPolicies(netlink, markOf(vni)) }
}

/** Associations first: no packet finds a policy whose association is missing. */
function make(netlink: NetlinkSocket, { associations, policies }: EspPlan): void {
  for (const association of associations) ensureAssociation(netlink, association)
  for (const policy of policies) putOutgoingPolicy(netlink, policy)
}

function unmake(netlink: NetlinkSocket, { associations, policies }: EspPlan): void {
  for (const policy of policies) removeOutgoingPolicy(netlink, policy)
  for (const association of associations) removeAssociation(netlink, association)
}

function sitesOf(plan: OverlayPlan, context: DriverContext): EspSite[] {
  const secrets = context.secretsOf?.(plan.networkId)
  if (secrets === undefined) {
    const about = `Cannot encrypt network "${plan.networkName}"`
    throw new EngineError('unavailable', `${about}: this host does not know its key; is etcd in reach?`)
  }
  const local = requireUnderlay(plan, context).address
  return tunnelsOf(plan).map((vni) => ({ vni, local, secrets }))
}

function hostsOf(peers: readonly PeerSpec[]): string[] {
  return [...new Set(peers.map(({ hostAddress }) => hostAddress))]
}

function openXfrm(namespace: NetworkNamespace): NetlinkSocket {
  return new NetlinkSocket(namespace, NETLINK_XFRM)
}
