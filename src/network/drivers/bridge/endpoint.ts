import { EngineError } from '../../../base/errors.ts'
import { setBridgePort } from '../../../kernel/netlink/bridge-ports.ts'
import { findLink } from '../../../kernel/netlink/links.ts'
import { readSysctl } from '../../../kernel/sysctl.ts'
import { ensureCable } from '../../cables/cable.ts'
import type { Changes, DriverContext, EndpointSpec, OpenSandbox } from '../../driver.ts'
import { writeHostSetting } from '../host-settings.ts'
import type { BridgePlan } from './plan.ts'

/** A network, and the largest packet of its cables in bytes. */
export interface Cabling {
  readonly plan: BridgePlan
  readonly mtu: number
}

/** Plugs a container into the bridge. Makes only what is missing. */
export function ensureBridgeEndpoint(
  { plan, mtu }: Cabling,
  endpoint: EndpointSpec,
  sandbox: OpenSandbox,
  context: DriverContext,
): Changes {
  const site = {
    netlink: context.host,
    bridge: plan.bridge,
    bridgeIndex: bridgeIndex(plan, context.host),
    mtu,
    mtuMayChange: plan.mtu === undefined,
    // A port has nothing to say for itself, and whenever a link goes, the kernel looks at every IPv6 route that there is.
    prepare: (name: string) => writeHostSetting(context.hostNamespace, `net/ipv6/conf/${name}/disable_ipv6`, '1'),
    settle: (port: number) => settlePort(plan, port, context),
  }
  return ensureCable(site, endpoint, sandbox)
}

function settlePort(plan: BridgePlan, index: number, { host, hostNamespace }: DriverContext): void {
  const isolated = !plan.options.icc // frames between containers never reach the firewall: the bridge keeps them apart
  // Under br_netfilter a container's way to its own published port never leaves the bridge, and ends at its own port.
  const hairpin = readSysctl(hostNamespace, 'net.bridge.bridge-nf-call-iptables') === '1'
  if (isolated || hairpin) setBridgePort(host, index, { isolated, hairpin })
}

function bridgeIndex({ bridge, networkName }: BridgePlan, host: DriverContext['host']): number {
  const link = findLink(host, bridge)
  if (link !== undefined) return link.index
  throw new EngineError('internal', `Cannot plug into network "${networkName}": bridge "${bridge}" is gone`)
}
