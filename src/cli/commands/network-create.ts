import { createNetwork } from '../../client/networks.ts'
import type { NetworkCreateBody } from '../../protocol/network.ts'
import type { Command } from '../command.ts'
import type { Flags } from '../flags/flags.ts'
import { planIpam } from '../network-options/ipam.ts'
import { printLine } from '../terminal.ts'

/** `wharf network create`. */
export const command: Command = {
  usage: '[OPTIONS] NETWORK',
  arguments: { min: 1, max: 1 },
  flags: [
    { name: 'attachable', kind: 'bool', help: 'Enable manual container attachment' },
    {
      name: 'aux-address',
      kind: 'list',
      typeName: 'map',
      help: 'Auxiliary IPv4 or IPv6 addresses used by Network driver',
    },
    { name: 'config-from', kind: 'string', help: 'The network from which to copy the configuration' },
    { name: 'config-only', kind: 'bool', help: 'Create a configuration only network' },
    { name: 'driver', short: 'd', kind: 'string', default: 'bridge', help: 'Driver to manage the Network' },
    { name: 'gateway', kind: 'strings', help: 'IPv4 or IPv6 Gateway for the master subnet' },
    { name: 'ingress', kind: 'bool', help: 'Create swarm routing-mesh network' },
    { name: 'internal', kind: 'bool', help: 'Restrict external access to the network' },
    { name: 'ip-range', kind: 'strings', help: 'Allocate container ip from a sub-range' },
    { name: 'ipam-driver', kind: 'string', default: 'default', help: 'IP Address Management Driver' },
    { name: 'ipam-opt', kind: 'list', typeName: 'map', help: 'Set IPAM driver specific options' },
    { name: 'ipv4', kind: 'bool', default: 'true', help: 'Enable or disable IPv4 address assignment' },
    { name: 'ipv6', kind: 'bool', help: 'Enable or disable IPv6 address assignment' },
    { name: 'label', kind: 'list', help: 'Set metadata on a network' },
    { name: 'opt', short: 'o', kind: 'list', typeName: 'map', help: 'Set driver specific options' },
    { name: 'scope', kind: 'string', help: "Control the network's scope" },
    { name: 'subnet', kind: 'strings', help: 'Subnet in CIDR format that represents a network segment' },
  ],
  examples: [
    'wharf network create my_net2',
    'wharf network create --subnet 172.22.0.0/16 --gateway 172.22.0.1 my_net2',
    'wharf network create -d macvlan -o parent=eth0.10 --subnet 192.168.10.0/24 vlan10',
  ],
  async run({ flags, args, terminal, transport }) {
    const { Id: id, Warning: warning } = await createNetwork(transport, planNetwork(flags, args[0] ?? ''))
    if (warning) printLine(terminal.stderr, `WARNING: ${warning}`)
    printLine(terminal.stdout, id)
    return 0
  },
}

function planNetwork(flags: Flags, name: string): NetworkCreateBody {
  const from = flags.text('config-from')
  return {
    Name: name,
    Driver: flags.text('driver'),
    Scope: flags.text('scope'),
    // Absent means the daemon's default, which may be something else than what the flag shows.
    ...(flags.given('ipv4') ? { EnableIPv4: flags.on('ipv4') } : {}),
    ...(flags.given('ipv6') ? { EnableIPv6: flags.on('ipv6') } : {}),
    IPAM: planIpam({
      driver: flags.text('ipam-driver'),
      options: flags.map('ipam-opt'),
      subnets: flags.list('subnet'),
      ranges: flags.list('ip-range'),
      gateways: flags.list('gateway'),
      auxiliary: flags.map('aux-address'),
    }),
    Internal: flags.on('internal'),
    Attachable: flags.on('attachable'),
    Ingress: flags.on('ingress'),
    ConfigOnly: flags.on('config-only'),
    ...(from === '' ? {} : { ConfigFrom: { Network: from } }),
    Options: flags.map('opt'),
    Labels: flags.map('label'),
  }
}
