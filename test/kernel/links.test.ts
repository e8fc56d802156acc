import assert from 'node:assert/strict'
import { KernelFeatures } from '../../src/kernel/host/features.ts'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import {
  createDummy,
  createIpvlan,
  createMacvlan,
  createVlan,
  createVxlan,
} from '../../src/kernel/netlink/create-link.ts'
import {
  createBridge,
  createVeth,
  deleteLink,
  deleteLinkAsync,
  findLink,
  listLinks,
  setLink,
} from '../../src/kernel/netlink/links.ts'
import { NetlinkSocket } from '../../src/kernel/netlink/netlink-socket.ts'
import { linkKinds } from '../../src/wire/netlink/link-kinds.ts'
import { kernelTest } from '../support/kernel.ts'
import { runIn } from '../support/shell.ts'

const mac = '02:42:ac:12:00:01'
const features = new KernelFeatures()

kernelTest('createBridge() makes a bridge as it was told', ({ netlink, ip }) => {
  const index = createBridge(netlink, {
    name: 'br0',
    mac,
    mtu: 1400,
    up: true,
    multicastSnooping: false,
  })
  const [seen] = ip('link', 'show', 'br0')
  assert.partialDeepStrictEqual(seen, {
    ifindex: index,
    ifname: 'br0',
    address: mac,
    mtu: 1400,
    linkinfo: { info_kind: 'bridge', info_data: { mcast_snooping: 0 } },
  })
  assert.ok(seen.flags.includes('UP'))
})

kernelTest('createBridge() refuses a name that is taken, or too long', ({ netlink }) => {
  createBridge(netlink, { name: 'br0' })
  assert.throws(() => createBridge(netlink, { name: 'br0' }), { errno: 'EEXIST', kind: 'conflict' })
  for (const name of ['', 'a-name-of-16-byt'])
    assert.throws(() => createBridge(netlink, { name }), { kind: 'invalid-argument' })
  assert.throws(() => createBridge(netlink, { name: 'a/b' }), { errno: 'EINVAL' })
})

kernelTest('createVeth() plugs a namespace into a bridge in one message', ({ netlink, ip }) => {
  using inside = NetworkNamespace.create()
  using insideLink = new NetlinkSocket(inside)
  const master = createBridge(netlink, { name: 'br0', mac, up: true })
  const index = createVeth(netlink, {
    name: 'veth0',
    master,
    mtu: 1400,
    up: true,
    peer: { name: 'eth0', mac: '02:42:ac:12:00:02', mtu: 1400, namespace: inside },
  })
  const [near] = ip('link', 'show', 'veth0')
  const [far] = JSON.parse(runIn(inside, 'ip', '-j', 'link', 'show', 'eth0'))
  assert.partialDeepStrictEqual(near, { ifindex: index, master: 'br0', mtu: 1400, link_index: far.ifindex })
  assert.ok(near.flags.includes('UP'))
  assert.partialDeepStrictEqual(far, { ifname: 'eth0', address: '02:42:ac:12:00:02', mtu: 1400, link_index: index })
  assert.ok(!far.flags.includes('UP'))
  const ends = [findLink(netlink, index), findLink(insideLink, 'eth0')]
  assert.deepEqual(
    ends.map((end) => [end?.kind, end?.master, end?.peerIndex, typeof end?.linkNamespaceId]),
    [
      ['veth', master, far.ifindex, 'number'],
      ['veth', undefined, index, 'number'],
    ],
  )
})

kernelTest('createVeth() leaves nothing when the name in the other namespace is taken', ({ netlink }) => {
  using inside = NetworkNamespace.create()
  using insideLink = new NetlinkSocket(inside)
  createBridge(insideLink, { name: 'eth0' })
  const spec = { name: 'veth0', peer: { name: 'eth0', namespace: inside } }
  assert.throws(() => createVeth(netlink, spec), { errno: 'EEXIST' })
  assert.equal(findLink(netlink, 'veth0'), undefined)
})

kernelTest('listLinks() and findLink() tell what ip tells', ({ netlink, ip }) => {
  createBridge(netlink, { name: 'br0', mac })
  createVeth(netlink, { name: 'a', mac: '02:00:00:00:00:0a', peer: { name: 'b', mac: '02:00:00:00:00:0b' } })
  const seen = ip('link', 'show').map((link: any) => ({
    index: link.ifindex,
    name: link.ifname,
    kind: link.linkinfo?.info_kind ?? '',
    mtu: link.mtu,
    mac: link.address,
    up: link.flags.includes('UP'),
    operState: link.operstate.toLowerCase(),
  }))
  const pick = ({ index, name, kind, mtu, mac, up, operState }: NonNullable<ReturnType<typeof findLink>>) => ({
    index,
    name,
    kind,
    mtu,
    mac,
    up,
    operState,
  })
  assert.deepEqual(listLinks(netlink).map(pick), seen)
  assert.deepEqual(
    seen.map(({ name }: { name: string }) => pick(findLink(netlink, name)!)),
    seen,
  )
  for (const absent of ['nope', '', 'a-name-of-16-byt', 4_000_000]) assert.equal(findLink(netlink, absent), undefined)
})

kernelTest('setLink() changes what is named, and leaves the rest', ({ netlink, ip }) => {
  using inside = NetworkNamespace.create()
  const bridge = createBridge(netlink, { name: 'br0', mac })
  const index = createVeth(netlink, { name: 'a', peer: { name: 'b' } })
  setLink(netlink, index, { up: true, mtu: 1300, mac: '02:00:00:00:00:0a', master: bridge, alias: 'note' })
  setLink(netlink, bridge, {})
  assert.partialDeepStrictEqual(ip('link', 'show', 'a')[0], {
    mtu: 1300,
    address: '02:00:00:00:00:0a',
    master: 'br0',
    ifalias: 'note',
  })
  setLink(netlink, index, { up: false, master: 0 })
  setLink(netlink, index, { name: 'c' })
  const [renamed] = ip('link', 'show', 'c')
  assert.deepEqual([renamed.master, renamed.flags.includes('UP'), renamed.mtu], [undefined, false, 1300])
  setLink(netlink, index, { namespace: inside, name: 'moved' })
  assert.equal(findLink(netlink, 'c'), undefined)
  assert.equal(JSON.parse(runIn(inside, 'ip', '-j', 'link', 'show', 'moved'))[0].mtu, 1300)
  assert.throws(() => setLink(netlink, 4_000_000, { up: true }), { errno: 'ENODEV', kind: 'not-found' })
})

kernelTest(
  'deleteLink() and deleteLinkAsync() remove both ends, and mind nothing that is gone',
  async ({ netlink, ip }) => {
    createVeth(netlink, { name: 'a', peer: { name: 'b' } })
    deleteLink(netlink, 'a')
    deleteLink(netlink, 'a')
    deleteLink(netlink, 4_000_000)
    const bridge = createBridge(netlink, { name: 'br0' })
    createVeth(netlink, { name: 'c', peer: { name: 'd' } })
    await Promise.all([deleteLinkAsync(netlink, bridge), deleteLinkAsync(netlink, 'c')])
    await deleteLinkAsync(netlink, bridge)
    assert.deepEqual(
      ip('link', 'show').map((link: any) => link.ifname),
      ['lo'],
    )
  },
)

kernelTest('createVxlan() makes a tunnel as it was told', ({ netlink, ip }) => {
  const index = createVxlan(netlink, {
    name: 'vx0',
    vni: 4097,
    local: '192.0.2.1',
    proxy: true,
    missL3: true,
    mtu: 1450,
  })
  assert.partialDeepStrictEqual(ip('link', 'show', 'vx0')[0], {
    ifindex: index,
    mtu: 1450,
    linkinfo: {
      info_kind: 'vxlan',
      info_data: { id: 4097, local: '192.0.2.1', port: 4789, learning: false, proxy: true, l3miss: true },
    },
  })
  createVxlan(netlink, { name: 'vx1', vni: 4098, local: 'fd00::1', port: 8472, learning: true })
  assert.partialDeepStrictEqual(ip('link', 'show', 'vx1')[0], {
    linkinfo: { info_data: { id: 4098, local6: 'fd00::1', port: 8472, learning: true } },
  })
  assert.equal(linkKinds.vxlan.decode(findLink(netlink, 'vx0')!.data!).id, 4097)
})

kernelTest('createMacvlan() puts a link on a parent, straight into another namespace', ({ netlink }) => {
  using inside = NetworkNamespace.create()
  const parent = createVeth(netlink, { name: 'a', up: true, peer: { name: 'b' } })
  createMacvlan(netlink, { name: 'eth0', parent, mode: 'bridge', mac, namespace: inside })
  const [seen] = JSON.parse(runIn(inside, 'ip', '-j', '-d', 'link', 'show', 'eth0'))
  assert.partialDeepStrictEqual(seen, {
    address: mac,
    link_index: parent,
    linkinfo: { info_kind: 'macvlan', info_data: { mode: 'bridge' } },
  })
})

for (const [kind, make, expected] of [
  ['ipvlan', createIpvlan, { info_kind: 'ipvlan', info_data: { mode: 'l3', bridge: false } }],
  ['vlan', createVlan, { info_kind: 'vlan', info_data: { id: 100, protocol: '802.1Q' } }],
  ['dummy', createDummy, { info_kind: 'dummy' }],
] as const)
  kernelTest(`create ${kind}: makes one, or says that the kernel has none`, ({ netlink, ip }) => {
    const parent = createVeth(netlink, { name: 'a', up: true, peer: { name: 'b' } })
    const attempt = () => make(netlink, { name: 'x', parent, id: 100, mode: 'l3', flag: 'private' })
    if (!features.find(kind).supported) {
      assert.throws(attempt, { errno: 'EOPNOTSUPP', kind: 'not-implemented' })
      return
    }
    assert.equal(attempt(), ip('link', 'show', 'x')[0].ifindex)
    assert.partialDeepStrictEqual(ip('link', 'show', 'x')[0], { linkinfo: expected })
  })
