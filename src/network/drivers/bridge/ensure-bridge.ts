import { EngineError } from '../../../base/errors.ts'
import { ensureAddress } from '../../../kernel/netlink/addresses.ts'
import { createBridge, findLink, type LinkInfo, setLink } from '../../../kernel/netlink/links.ts'
import { ensureSysctl } from '../../../kernel/sysctl.ts'
import { isMark, networkMark } from '../../cables/link-marks.ts'
import type { Changes, DriverContext } from '../../driver.ts'
import { bareAddress } from '../../ipam/prefix.ts'
import { ensureHostSetting, writeHostSetting } from '../host-settings.ts'
import type { BridgePlan } from './plan.ts'

/** A plan with nothing left open. */
type SizedPlan = BridgePlan & { readonly mtu: number }

/**
 * Makes the host have the bridge that `plan` describes. Safe to call at any time, any number of times.
 *
 * @param mtu bytes
 * @throws {EngineError} `internal` with Docker's words when an interface of that name is none
 */
export async function ensureBridge(plan: BridgePlan, mtu: number, context: DriverContext): Promise<Changes> {
  const changes: string[] = []
  const sized = { ...plan, mtu }
  const link = await findOrCreate(sized, context, changes)
  ensureSettings(sized, link, context, changes)
  changes.push(...ensureForwarding(plan, context))
  return changes
}

async function findOrCreate(plan: SizedPlan, { host, reaper }: DriverContext, changes: string[]): Promise<LinkInfo> {
  await reaper.whenGone(plan.bridge)
  const mark = networkMark(plan.networkId)
  const found = findLink(host, plan.bridge)
  if (found !== undefined && isMark(found.alias) && found.alias !== mark) {
    // Left over from a network that nobody remembers.
    reaper.delete(plan.bridge)
    await reaper.whenGone(plan.bridge)
  } else if (found !== undefined) {
    // Whose interface it is: an address of ours does not belong there.
    if (found.kind !== 'bridge') throw new EngineError('internal', `existing interface ${plan.bridge} is not a bridge`)
    return found
  }
  const { bridge: name, mac, mtu } = plan
  // Down, so that IPv6 is settled before the interface gives itself addresses.
  const index = createBridge(host, { name, mac })
  // Set, not given at birth: then the kernel keeps it when the last port leaves, instead of taking 1500.
  setLink(host, index, { alias: mark, mtu })
  changes.push(`created bridge ${name}`)
  return findLink(host, index)!
}

function ensureSettings(plan: SizedPlan, link: LinkInfo, context: DriverContext, changes: string[]): void {
  const { host, hostNamespace } = context
  const adopted = isAdopted(plan, link)
  const { bridge, internal, enableIPv6 } = plan
  if (!adopted) {
    const hasIPv6 = enableIPv6 && plan.options.gatewayMode6 !== 'isolated'
    if (!hasIPv6) writeHostSetting(hostNamespace, `net/ipv6/conf/${bridge}/disable_ipv6`, '1')
    else {
      writeHostSetting(hostNamespace, `net/ipv6/conf/${bridge}/accept_ra`, '0')
      // Until it has made sure that its own link-local address is unique, it looks for nobody: a second, or two.
      writeHostSetting(hostNamespace, `net/ipv6/conf/${bridge}/accept_dad`, '0')
    }
    if (link.alias !== networkMark(plan.networkId)) {
      setLink(host, link.index, { alias: networkMark(plan.networkId) })
      changes.push(`marked ${bridge} again`)
    }
    if (link.mtu !== plan.mtu) {
      setLink(host, link.index, { mtu: plan.mtu })
      changes.push(`set mtu of ${bridge}: ${link.mtu} to ${plan.mtu}`)
    }
  }
  // Published ports answer on 127.0.0.1 too; the firewall keeps the containers themselves from it.
  if (
    !internal &&
    ensureHostSetting(hostNamespace, `net/ipv4/conf/${bridge}/route_localnet`, '1') &&
    changes.length === 0
  )
    changes.push(`switched route_localnet of ${bridge} on`)
  if (plan.hasLinks) changes.push(...ensureDetour(plan, context))
  for (const cidr of plan.addresses) {
    const [address = '', length] = cidr.split('/')
    const added = ensureAddress(host, link.index, { address, prefixLength: Number(length), noDad: true })
    if (added) changes.push(`added ${cidr} to ${bridge}`)
  }
  if (!link.up) {
    setLink(host, link.index, { up: true })
    changes.push(`brought up ${bridge}`)
  }
}

/**
 * Ports that are isolated reach nobody but the host: it answers for everybody, so that what containers send each other
 * comes by the firewall, which lets links through.
 */
function ensureDetour({ bridge }: BridgePlan, { hostNamespace }: DriverContext): string[] {
  const settings = [
    [`net/ipv4/conf/${bridge}/proxy_arp_pvlan`, '1'],
    [`net/ipv4/neigh/${bridge}/proxy_delay`, '0'], // else the answer takes up to 0.8 s
  ] as const
  return settings
    .filter(([name, value]) => ensureHostSetting(hostNamespace, name, value))
    .map(([name, value]) => `set ${name} to ${value}`)
}

function ensureForwarding({ internal, subnets }: BridgePlan, context: DriverContext): string[] {
  const { hostNamespace, log, leavesForwarding } = context
  if (internal || leavesForwarding) return []
  const families = new Set(subnets.map((cidr) => (bareAddress(cidr).includes(':') ? 'ipv6' : 'ipv4')))
  const names = [
    ...(families.has('ipv4') ? ['net.ipv4.ip_forward'] : []),
    ...(families.has('ipv6') ? ['net.ipv6.conf.default.forwarding', 'net.ipv6.conf.all.forwarding'] : []),
  ]
  return names
    .filter((name) => ensureSysctl(hostNamespace, name, '1'))
    .map((name) => {
      log.info('switches forwarding on', { sysctl: name })
      return `set ${name} to 1`
    })
}

/** A bridge that was there before us, and stays after us: it has neither our mark nor the hardware address that we give. */
export function isAdopted(plan: BridgePlan, link: LinkInfo): boolean {
  return plan.adopts && link.alias !== networkMark(plan.networkId) && link.mac !== plan.mac
}
