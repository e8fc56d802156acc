import { EngineError } from '../../../base/errors.ts'
import { ensureAddress } from '../../../kernel/netlink/addresses.ts'
import { setBridgePort } from '../../../kernel/netlink/bridge-ports.ts'
import { createVeth, findLink, setLink } from '../../../kernel/netlink/links.ts'
import { readSysctl, writeSysctl } from '../../../kernel/sysctl.ts'
import type { Changes, DriverContext, EndpointSpec, OpenSandbox } from '../../driver.ts'
import { writeEndpointSysctls } from '../../endpoint-options.ts'
import { endpointMark, vethName } from '../../link-marks.ts'
import type { BridgePlan } from './plan.ts'

/** Plugs a container into the bridge: a cable with one end in each, addresses, all up. Makes only what is missing. */
export function ensureBridgeEndpoint(
  plan: BridgePlan,
  endpoint: EndpointSpec,
  sandbox: OpenSandbox,
  context: DriverContext,
): Changes {
  const { host } = context
  const changes: string[] = []
  const name = vethName(endpoint.id)
  const present = findLink(host, name)
  if (present === undefined) {
    createCable(plan, endpoint, sandbox, context)
    changes.push(`plugged ${name} into ${plan.bridge}`)
  } else {
    const master = bridgeIndex(plan, host)
    if (!present.up || present.master !== master) {
      setLink(host, present.index, { up: true, master })
      settlePort(plan, present.index, context)
      changes.push(`plugged ${name} into ${plan.bridge} again`)
    }
  }
  const inside = findLink(sandbox.netlink, endpoint.interfaceName)
  if (inside === undefined) return changes // renamed or moved by the container's owner: theirs now
  for (const cidr of endpoint.addresses) {
    const [address = '', length] = cidr.split('/')
    if (address.includes(':'))
      writeSysctl(sandbox.namespace, `net/ipv6/conf/${endpoint.interfaceName}/disable_ipv6`, '0')
    const added = ensureAddress(sandbox.netlink, inside.index, { address, prefixLength: Number(length), noDad: true })
    if (added && present !== undefined) changes.push(`added ${cidr} to ${endpoint.interfaceName}`)
  }
  if (present === undefined) writeEndpointSysctls(sandbox.namespace, endpoint.driverOptions, endpoint.interfaceName)
  if (!inside.up) setLink(sandbox.netlink, inside.index, { up: true })
  return changes
}

function createCable(plan: BridgePlan, endpoint: EndpointSpec, sandbox: OpenSandbox, context: DriverContext): void {
  const { host } = context
  const { mtu } = plan
  const index = createVeth(host, {
    name: vethName(endpoint.id),
    mtu,
    master: bridgeIndex(plan, host),
    up: true,
    peer: { name: endpoint.interfaceName, mtu, mac: endpoint.mac, namespace: sandbox.namespace },
  })
  setLink(host, index, { alias: endpointMark(endpoint.id) })
  settlePort(plan, index, context)
}

/** What the bridge knows of a port it forgets when the port leaves it. */
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
