import assert from 'node:assert/strict'
import { inspectHostNetwork } from '../../src/kernel/host/host-network.ts'
import { bringUpLoopback } from '../../src/kernel/named-namespace.ts'
import { addAddress } from '../../src/kernel/netlink/addresses.ts'
import { createBridge } from '../../src/kernel/netlink/links.ts'
import { addRoute } from '../../src/kernel/netlink/routes.ts'
import { writeSysctl } from '../../src/kernel/sysctl.ts'
import { kernelTest, type Sandbox } from '../support/kernel.ts'
import { runIn } from '../support/shell.ts'

const pools = ['172.16.0.0/12', '192.168.0.0/16', 'fd00::/8']

function inspect({ namespace, netlink }: Sandbox) {
  return inspectHostNetwork({ namespace, netlink, ownTables: new Set(['wharf']), pools })
}

kernelTest('inspectHostNetwork() finds nothing on an empty host', (sandbox) => {
  const { foreignDrops, foreignTables, overlaps, forwarding } = inspect(sandbox)
  assert.deepEqual(
    { foreignDrops, foreignTables, overlaps, forwarding },
    { foreignDrops: [], foreignTables: [], overlaps: [], forwarding: { ipv4: false, ipv6: false } },
  )
})

kernelTest('inspectHostNetwork() finds who drops what is forwarded, and where', (sandbox) => {
  const { namespace } = sandbox
  const nft = (text: string) => runIn(namespace, 'nft', text)
  nft('add table inet wharf; add chain inet wharf f { type filter hook forward priority 0; policy drop; }')
  nft('add table inet firewalld; add chain inet firewalld filter_FORWARD { type filter hook forward priority 10; }')
  nft('add rule inet firewalld filter_FORWARD ct state established accept')
  nft('add rule inet firewalld filter_FORWARD log counter reject with icmpx admin-prohibited')
  nft('add table ip filter; add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }')
  nft('add chain ip filter DOCKER-USER; add rule ip filter FORWARD jump DOCKER-USER')
  nft('add table ip6 filter; add chain ip6 filter FORWARD { type filter hook forward priority 0; policy drop; }')
  nft('add chain ip6 filter ufw6-before-forward; add rule ip6 filter FORWARD accept')
  nft('add table inet mine; add chain inet mine i { type filter hook input priority 0; policy drop; }')
  const { foreignDrops, foreignTables } = inspect(sandbox)
  assert.deepEqual(
    foreignTables.map(({ family, table, owner }) => `${family} ${table}: ${owner}`),
    ['inet firewalld: firewalld', 'ip filter: docker', 'ip6 filter: ufw', 'inet mine: unknown'],
  )
  assert.deepEqual(
    foreignDrops.map(({ owner, chain, by, verdict }) => [owner, chain, by, verdict]),
    [
      ['firewalld', 'filter_FORWARD', 'rule', 'reject'],
      ['docker', 'FORWARD', 'policy', 'drop'],
    ],
  )
})

kernelTest('inspectHostNetwork() finds the policy of the old iptables', (sandbox) => {
  const policy = (program: string, verdict: string) => runIn(sandbox.namespace, program, '-P', 'FORWARD', verdict)
  const found = () => inspect(sandbox).foreignDrops.map(({ family, table, owner }) => [family, table, owner])
  policy('iptables-legacy', 'DROP')
  runIn(sandbox.namespace, 'iptables-legacy', '-A', 'INPUT', '-p', 'tcp', '--dport', '80', '-j', 'ACCEPT')
  policy('ip6tables-legacy', 'ACCEPT')
  assert.deepEqual(found(), [['ip', 'filter', 'iptables']])
  policy('iptables-legacy', 'ACCEPT')
  policy('ip6tables-legacy', 'DROP')
  assert.deepEqual(found(), [['ip6', 'filter', 'iptables']])
})

kernelTest('inspectHostNetwork() finds settings, and routes into the pools', (sandbox) => {
  const { namespace, netlink } = sandbox
  bringUpLoopback(netlink)
  const index = createBridge(netlink, { name: 'br0', up: true })
  addAddress(netlink, index, { address: '192.168.5.1', prefixLength: 24 })
  addAddress(netlink, index, { address: '10.0.0.1', prefixLength: 24 })
  addRoute(netlink, { to: '172.0.0.0/8', via: '10.0.0.9' })
  addRoute(netlink, { to: '172.32.0.0/16', via: '10.0.0.9' })
  addRoute(netlink, { to: 'default', via: '10.0.0.9' })
  addRoute(netlink, { to: 'fd12::/64', index })
  writeSysctl(namespace, 'net.ipv4.ip_forward', '1')
  writeSysctl(namespace, 'net.ipv4.conf.all.rp_filter', '1')
  const { forwarding, reversePathFilter, overlaps } = inspect(sandbox)
  assert.deepEqual({ ...forwarding, ...reversePathFilter }, { ipv4: true, ipv6: false, all: 1, default: 0 })
  assert.deepEqual(
    overlaps.filter(({ route }) => route.table === 254).map(({ pool, route }) => [pool, route.to]),
    [
      ['172.16.0.0/12', '172.0.0.0/8'],
      ['192.168.0.0/16', '192.168.5.0/24'],
      ['fd00::/8', 'fd12::/64'],
    ],
  )
})
