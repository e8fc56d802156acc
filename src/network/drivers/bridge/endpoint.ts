import { EngineError } from '../../../base/errors.ts'
import { ensureAddress } from '../../../kernel/netlink/addresses.ts'
import { setBridgePort } from '../../../kernel/netlink/bridge-ports.ts'
import { createVeth, findLink, type LinkInfo, setLink } from '../../../kernel/netlink/links.ts'
import { readSysctl, writeSysctl } from '../../../kernel/sysctl.ts'
import type { Changes, DriverContext, EndpointSpec, OpenSandbox } from '../../driver.ts'
import { writeEndpointSysctls } from '../../endpoint-options.ts'
import { endpointMark, vethName } from '../../link-marks.ts'
import type { BridgePlan } from './plan.ts'

/** A network, and the largest packet of its cables in bytes. */
export interface Cabling {
  readonly plan: BridgePlan
  readonly mtu: number
}

/** Plugs a container into the bridge: a cable with one end in each, addresses, all up. Makes only what is missing. */
export function ensureBridgeEndpoint(
  cabling: Cabling,
  endpoint: EndpointSpec,
  sandbox: OpenSandbox,
  context: DriverContext,
): Changes {
  const { host } = context
  const { plan } = cabling
  const changes: string[] = []
  const name = vethName(endpoint.id)
  const present = findLink(host, name)
  if (present === undefined) {
    createCable(cabling, endpoint, sandbox, context)
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
  if (present !== undefined) changes.push(...resizeCable(cabling, { present, inside }, sandbox, context))
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

/** Where nobody said how large packets are, both ends follow; a container that chose less for itself keeps it. */
function resizeCable(
  { plan, mtu }: Cabling,
  { present, inside }: { readonly present: LinkInfo; readonly inside: LinkInfo | undefined },
  sandbox: OpenSandbox,
  { host }: DriverContext,
): Changes {
  if (plan.mtu !== undefined || present.mtu === mtu) return []
  setLink(host, present.index, { mtu })
  const isOwnChoice = inside !== undefined && inside.mtu !== present.mtu && inside.mtu < mtu
  if (inside !== undefined && !isOwnChoice) setLink(sandbox.netlink, inside.index, { mtu })
  return [`set mtu of ${present.name}: ${present.mtu} to ${mtu}`]
}

function createCable(
  { plan, mtu }: Cabling,
  endpoint: EndpointSpec,
  sandbox: OpenSandbox,
  context: DriverContext,
): void {
  const { host } = context
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
