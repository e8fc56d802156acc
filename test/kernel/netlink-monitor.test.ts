import assert from 'node:assert/strict'
import { addAddress } from '../../src/kernel/netlink/addresses.ts'
import { ensureForwardingEntry } from '../../src/kernel/netlink/forwarding-entries.ts'
import { createBridge, createVeth, deleteLink, setLink } from '../../src/kernel/netlink/links.ts'
import { ensureNeighbour } from '../../src/kernel/netlink/neighbours.ts'
import { type MonitorParts, NetlinkMonitor } from '../../src/kernel/netlink/netlink-monitor.ts'
import type { NetworkChange } from '../../src/kernel/netlink/network-change.ts'
import { addRoute } from '../../src/kernel/netlink/routes.ts'
import { NftContext } from '../../src/kernel/nftables.ts'
import { Poller } from '../../src/kernel/poller.ts'
import { kernelTest } from '../support/kernel.ts'
import { runIn } from '../support/shell.ts'

const mac = '02:42:0a:00:00:0a'

/** Listens, and waits for what a test waits for. */
function listen(parts: Omit<MonitorParts, 'onChange'>) {
  const heard: NetworkChange[] = []
  let wake = () => {}
  const monitor = new NetlinkMonitor({
    ...parts,
    onChange: (change) => {
      heard.push(change)
      wake()
    },
  })
  return {
    heard,
    async until(found: (change: NetworkChange) => boolean): Promise<void> {
      while (!heard.some(found)) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        await promise
      }
    },
    [Symbol.dispose]: () => monitor[Symbol.dispose](),
  }
}

/** What a test wants to see of a change. */
function brief(change: NetworkChange): string {
  const sign = 'removed' in change && change.removed ? '-' : '+'
  switch (change.kind) {
    case 'link':
      return `${sign}link ${change.link.name}${change.link.up ? ' up' : ''}`
    case 'address':
      return `${sign}address ${change.address.address}/${change.address.prefixLength}`
    case 'route':
      return `${sign}route ${change.route.to} via ${change.route.via}`
    case 'rule':
      return `${sign}rule ${change.rule.family} ${change.rule.priority} ${change.rule.table} ${change.rule.concerns}`
    case 'neighbour':
      return `${sign}neighbour ${change.neighbour.address} ${change.neighbour.mac}`
    case 'forwarding-entry':
      return `${sign}entry ${change.entry.mac}`
    case 'nftables':
      return change.notice.object === 'generation'
        ? `by ${change.notice.processName}`
        : `${change.notice.removed ? '-' : '+'}${change.notice.object} ${change.notice.table} ${change.notice.name}`.trim()
    case 'lost':
      return 'lost'
  }
}

kernelTest('NetlinkMonitor tells of links, addresses, routes and neighbours', async ({ namespace, netlink }) => {
  await using poller = new Poller()
  using ear = listen({ namespace, poller, topics: ['link', 'address', 'route', 'neighbour'] })
  const index = createBridge(netlink, { name: 'br0', up: true })
  addAddress(netlink, index, { address: '10.1.0.1', prefixLength: 16 })
  addRoute(netlink, { to: 'default', via: '10.1.0.9' })
  ensureNeighbour(netlink, { index, address: '10.1.0.9', mac })
  const port = createVeth(netlink, { name: 'a', master: index, up: true, peer: { name: 'b' } })
  ensureForwardingEntry(netlink, { index: port, mac, place: 'bridge' })
  setLink(netlink, port, { master: 0 })
  runIn(namespace, 'ip', 'link', 'delete', 'br0')
  await ear.until((change) => brief(change) === '-link br0')
  const heard = ear.heard.map(brief)
  const expected = [
    '+link br0 up',
    '+address 10.1.0.1/16',
    '+route default via 10.1.0.9',
    `+neighbour 10.1.0.9 ${mac}`,
    '+link a up',
    `+entry ${mac}`,
    `-entry ${mac}`,
    '-link br0',
  ]
  assert.deepEqual(
    expected.filter((one) => !heard.includes(one)),
    [],
  )
  assert.ok(!heard.includes('-link a'), 'a port that leaves its bridge is not gone')
  assert.ok(heard.includes('-address 10.1.0.1/16'))
})

kernelTest('NetlinkMonitor tells of transactions of nftables, and whose they are', async ({ namespace }) => {
  await using poller = new Poller()
  using ear = listen({ namespace, poller, topics: ['nftables'] })
  using nft = new NftContext(namespace)
  nft.run('add table inet wharf\nadd set inet wharf s { type ipv4_addr; }\nadd element inet wharf s { 10.0.0.1 }')
  runIn(namespace, 'nft', 'flush ruleset')
  await ear.until((change) => brief(change) === 'by nft')
  const heard = ear.heard.map(brief)
  assert.deepEqual(heard.slice(0, 3), ['+table wharf', '+set wharf s', '+element wharf s'])
  const own = ear.heard[3]
  assert.ok(own?.kind === 'nftables' && own.notice.object === 'generation' && own.notice.processId === process.pid)
  assert.deepEqual(heard.slice(-2), ['-table wharf', 'by nft'])
})

kernelTest('NetlinkMonitor says so when notices are lost, and goes on', async ({ namespace, netlink }) => {
  await using poller = new Poller()
  using ear = listen({ namespace, poller, topics: ['link'], backlogBytes: 4096 })
  // All in one turn of the event loop: nobody listens meanwhile.
  for (let i = 0; i < 200; i++) setLink(netlink, 1, { mtu: 60_000 + i })
  await ear.until((change) => change.kind === 'lost')
  createBridge(netlink, { name: 'br0' })
  await ear.until((change) => brief(change) === '+link br0')
  assert.ok(ear.heard.length < 200)
})

kernelTest('NetlinkMonitor can be closed by who listens, in the middle of it', async ({ namespace, netlink }) => {
  await using poller = new Poller()
  const heard: string[] = []
  const closed = Promise.withResolvers<void>()
  const monitor = new NetlinkMonitor({
    namespace,
    poller,
    topics: ['link', 'address'],
    onChange(change) {
      heard.push(change.kind)
      monitor[Symbol.dispose]()
      closed.resolve()
    },
  })
  setLink(netlink, 1, { up: true })
  deleteLink(netlink, 'none')
  await closed.promise
  await poller[Symbol.asyncDispose]()
  assert.equal(heard.length, 1)
})
