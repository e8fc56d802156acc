/** Writes what this kernel says, message by message, to test/fixtures/netlink. Run it as root, by hand. */
import { writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { bringUpLoopback } from '../../src/kernel/named-namespace.ts'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { addAddress } from '../../src/kernel/netlink/addresses.ts'
import { createVxlan } from '../../src/kernel/netlink/create-link.ts'
import { ensureForwardingEntry } from '../../src/kernel/netlink/forwarding-entries.ts'
import { createBridge, createVeth } from '../../src/kernel/netlink/links.ts'
import { ensureNeighbour } from '../../src/kernel/netlink/neighbours.ts'
import { NETLINK_NETFILTER, NetlinkSocket } from '../../src/kernel/netlink/netlink-socket.ts'
import { addRoute } from '../../src/kernel/netlink/routes.ts'
import { CTNL_GET } from '../../src/wire/netlink/conntrack.ts'
import { NLM_F_DUMP } from '../../src/wire/netlink/frame.ts'
import { runIn } from './shell.ts'

using namespace = NetworkNamespace.create()
using inside = NetworkNamespace.create()
using netlink = new NetlinkSocket(namespace)
using netfilter = new NetlinkSocket(namespace, NETLINK_NETFILTER)
const mac = '02:42:0a:01:00:01'
bringUpLoopback(netlink)
const master = createBridge(netlink, { name: 'br0', mac, up: true })
createVeth(netlink, { name: 'veth0', mac, master, up: true, peer: { name: 'eth0', mac, namespace: inside } })
const tunnel = createVxlan(netlink, { name: 'vx0', mac, vni: 4097, local: '192.0.2.1', master, up: true })
addAddress(netlink, master, { address: '10.1.0.1', prefixLength: 16, broadcast: '10.1.255.255' })
addAddress(netlink, master, { address: 'fd00::1', prefixLength: 64, noDad: true })
addRoute(netlink, { to: 'default', via: '10.1.0.9', metric: 7 })
addRoute(netlink, { to: 'fd01::/64', via: 'fd00::9' })
ensureNeighbour(netlink, { index: master, address: '10.1.0.9', mac })
ensureForwardingEntry(netlink, { index: tunnel, mac: '02:42:0a:01:00:02', place: 'self', remote: '192.0.2.2' })
runIn(namespace, 'ip', 'rule', 'add', 'from', '10.1.0.0/16', 'lookup', '100', 'priority', '1000')
runIn(namespace, 'nft', 'add table inet t; add chain inet t c { type filter hook input priority 0; }')
runIn(namespace, 'nft', 'add rule inet t c ct state new accept')
for (const address of ['127.0.0.1', '::1']) runIn(namespace, 'bash', '-c', `echo x > /dev/udp/${address}/5001`)

const family = (number: number, size: number) => Uint8Array.from({ length: size }, (_, i) => (i === 0 ? number : 0))
const captures = {
  link: netlink.request('list links', 18, NLM_F_DUMP, family(0, 16)),
  address: netlink.request('list addresses', 22, NLM_F_DUMP, family(0, 8)),
  route: netlink.request('list routes', 26, NLM_F_DUMP, family(0, 12)),
  neighbour: [0, 7].flatMap((number) => netlink.request('list neighbours', 30, NLM_F_DUMP, family(number, 12))),
  rule: netlink.request('list rules', 34, NLM_F_DUMP, family(0, 12)),
  conntrack: netfilter.request('list flows', CTNL_GET, NLM_F_DUMP, family(0, 4)),
}
for (const [name, bodies] of Object.entries(captures)) {
  const lines = bodies.map((body) => Buffer.from(body).toString('hex'))
  writeFileSync(`test/fixtures/netlink/${name}.hex`, [`# Linux ${release().split('-')[0]}`, ...lines, ''].join('\n'))
}
