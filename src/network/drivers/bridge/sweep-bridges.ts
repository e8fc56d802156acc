import { type LinkInfo, listLinks } from '../../../kernel/netlink/links.ts'
import { isMark, networkMark, vethName } from '../../cables/link-marks.ts'
import type { Changes, DriverContext } from '../../driver.ts'
import { type BridgePlan, bridgeMac } from './plan.ts'

/** What the host is to keep. */
export interface WantedBridges {
  readonly networks: readonly BridgePlan[]
  readonly endpointIds: ReadonlySet<string>
}

/** Removes the bridges and cables that a dead engine left, and nobody wants. */
export async function sweepBridges(
  { networks, endpointIds }: WantedBridges,
  { host, reaper }: DriverContext,
): Promise<Changes> {
  const links = listLinks(host)
  const wantedNames = new Set([...networks.map(({ bridge }) => bridge), ...Array.from(endpointIds, vethName)])
  const marks = new Set(networks.map(({ networkId }) => networkMark(networkId)))
  const ourBridges = new Set(links.filter(({ name }) => wantedNames.has(name)).map(({ index }) => index))
  const unwanted = links.filter(
    (link) => !wantedNames.has(link.name) && !marks.has(link.alias) && isOurs(link, ourBridges),
  )
  await Promise.all(unwanted.map(({ name }) => reaper.deleteFromSight(name)))
  return unwanted.map(({ name }) => `removed ${name}`)
}

/** By its mark, or, when the engine died before it could leave one, by its looks. */
function isOurs({ alias, name, mac, master, kind }: LinkInfo, ourBridges: ReadonlySet<number>): boolean {
  if (isMark(alias)) return true
  if (kind === 'bridge') return /^br-[0-9a-f]{12}$/.test(name) && mac === bridgeMac(name.slice(3))
  return kind === 'veth' && /^veth[0-9a-f]{7}$/.test(name) && master !== undefined && ourBridges.has(master)
}
