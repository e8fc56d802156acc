import assert from 'node:assert/strict'
import { createVxlan } from '../../src/kernel/netlink/create-link.ts'
import {
  anyMac,
  ensureForwardingEntry,
  listForwardingEntries,
  removeForwardingEntry,
} from '../../src/kernel/netlink/forwarding-entries.ts'
import { createBridge, createVeth } from '../../src/kernel/netlink/links.ts'
import {
  ensureNeighbour,
  ensureProxyNeighbour,
  listNeighbours,
  removeNeighbour,
} from '../../src/kernel/netlink/neighbours.ts'
import { kernelTest } from '../support/kernel.ts'
import { runIn } from '../support/shell.ts'

const macA = '02:42:0a:00:00:0a'
const macB = '02:42:0a:00:00:0b'

kernelTest('ensureNeighbour() and removeNeighbour() do what ip sees', ({ netlink, ip }) => {
  const index = createBridge(netlink, { name: 'br0', up: true })
  ensureNeighbour(netlink, { index, address: '10.0.0.9', mac: macA })
  ensureNeighbour(netlink, { index, address: '10.0.0.9', mac: macB })
  ensureNeighbour(netlink, { index, address: 'fd00::9', mac: macA })
  const seen = () =>
    ['-4', '-6'].flatMap((family) =>
      ip(family, 'neigh', 'show', 'dev', 'br0').map((one: any) => [one.dst, one.lladdr, one.state]),
    )
  assert.deepEqual(seen(), [
    ['10.0.0.9', macB, ['PERMANENT']],
    ['fd00::9', macA, ['PERMANENT']],
  ])
  assert.deepEqual(
    listNeighbours(netlink, index).map(({ address, mac, permanent }) => [address, mac, permanent]),
    [
      ['10.0.0.9', macB, true],
      ['fd00::9', macA, true],
    ],
  )
  assert.deepEqual(listNeighbours(netlink, 1), [])
  for (const address of ['10.0.0.9', 'fd00::9', '10.0.0.9']) removeNeighbour(netlink, { index, address })
  removeNeighbour(netlink, { index: 4_000_000, address: '10.0.0.9' })
  assert.deepEqual(seen(), [])
})

kernelTest('ensureProxyNeighbour() lets a link answer for another', ({ netlink, ip }) => {
  const index = createBridge(netlink, { name: 'br0', up: true })
  ensureProxyNeighbour(netlink, index, '10.0.0.7')
  assert.partialDeepStrictEqual(ip('neigh', 'show', 'proxy'), [{ dst: '10.0.0.7', dev: 'br0' }])
})

kernelTest('ensureForwardingEntry() tells a tunnel where a hardware address is', ({ netlink, namespace }) => {
  const index = createVxlan(netlink, { name: 'vx0', vni: 5, local: '192.0.2.1', up: true })
  const entries = [
    { index, mac: macA, place: 'self', remote: '192.0.2.2' },
    { index, mac: macA, place: 'self', remote: '192.0.2.3' },
    { index, mac: anyMac, place: 'self', remote: '192.0.2.2' },
    { index, mac: anyMac, place: 'self', remote: '192.0.2.3', port: 8472, vni: 6 },
  ] as const
  for (const entry of [...entries, ...entries]) ensureForwardingEntry(netlink, entry)
  const seen = () =>
    JSON.parse(runIn(namespace, 'bridge', '-j', 'fdb', 'show', 'dev', 'vx0'))
      .map((one: any) =>
        [one.mac, one.dst, one.port, one.vni]
          .map((value) => `${value ?? ''}`)
          .join(' ')
          .trim(),
      )
      .sort()
  assert.deepEqual(seen(), [`${anyMac} 192.0.2.2`, `${anyMac} 192.0.2.3 8472 6`, `${macA} 192.0.2.3`])
  assert.equal(listForwardingEntries(netlink, index).length, 3)
  assert.deepEqual(
    listForwardingEntries(netlink, index).find(({ vni }) => vni === 6),
    { ...entries[3], permanent: true, master: undefined },
  )
  for (const entry of [...entries, ...entries]) removeForwardingEntry(netlink, entry)
  assert.deepEqual(seen(), [])
})

kernelTest(
  'ensureForwardingEntry() tells a bridge which port a hardware address is behind',
  ({ netlink, namespace }) => {
    const master = createBridge(netlink, { name: 'br0', up: true })
    const index = createVeth(netlink, { name: 'a', master, up: true, peer: { name: 'b' } })
    const entry = { index, mac: macA, place: 'bridge' } as const
    for (let i = 0; i < 2; i++) ensureForwardingEntry(netlink, entry)
    const seen = () =>
      JSON.parse(runIn(namespace, 'bridge', '-j', 'fdb', 'show', 'br', 'br0'))
        .filter((one: any) => one.mac === macA)
        .map((one: any) => [one.ifname, one.master, one.state])
    assert.deepEqual(seen(), [['a', 'br0', 'static']])
    assert.deepEqual(
      listForwardingEntries(netlink, index).filter(({ mac }) => mac === macA),
      [{ ...entry, permanent: true, master }],
    )
    for (let i = 0; i < 2; i++) removeForwardingEntry(netlink, entry)
    assert.deepEqual(seen(), [])
  },
)
