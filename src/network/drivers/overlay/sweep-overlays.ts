import { listLinks } from '../../../kernel/netlink/links.ts'
import { vethName } from '../../cables/link-marks.ts'
import type { Changes, DriverContext } from '../../driver.ts'
import { canEncrypt, dropVnis } from './esp/encryption.ts'
import { listNamespaces, namespacePath, openOverlay, removeOverlay } from './overlay-namespace.ts'
import type { OverlayPlan } from './plan.ts'
import { vniOfTunnel } from './tunnel.ts'

/** What this host is to keep. */
export interface WantedOverlays {
  readonly networks: readonly OverlayPlan[]
  readonly endpointIds: ReadonlySet<string>
}

/** Removes the namespaces and cables that a dead engine left, and nobody wants. What lies where they do is ours. */
export async function sweepOverlays(
  { networks, endpointIds }: WantedOverlays,
  { execRoot, reaper, hostNamespace }: DriverContext,
): Promise<Changes> {
  const removed: string[] = []
  const wanted = new Set(networks.map(({ networkId }) => namespacePath(execRoot, networkId)))
  for (const path of listNamespaces(execRoot)) {
    if (wanted.has(path)) continue
    const vnis = tunnelsIn(path)
    await removeOverlay(path)
    if (vnis.length > 0 && canEncrypt()) dropVnis(vnis, hostNamespace)
    removed.push(`removed ${path}`)
  }
  const cables = new Set(Array.from(endpointIds, vethName))
  for (const path of wanted) {
    const open = openOverlay(path)
    if (open === undefined) continue
    using _ = open
    const unwanted = listLinks(open.netlink).filter(({ kind, name }) => kind === 'veth' && !cables.has(name))
    await Promise.all(unwanted.map(({ name }) => reaper.deleteFromSight(name, open.netlink)))
    removed.push(...unwanted.map(({ name }) => `removed ${name}`))
  }
  return removed
}

/** VNIs of the tunnels of a network that nobody knows any more. */
function tunnelsIn(path: string): number[] {
  const open = openOverlay(path)
  if (open === undefined) return []
  using _ = open
  return listLinks(open.netlink).flatMap(({ kind, name }) => (kind === 'vxlan' ? (vniOfTunnel(name) ?? []) : []))
}
