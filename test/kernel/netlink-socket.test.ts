import assert from 'node:assert/strict'
import { addAddress, listAddresses } from '../../src/kernel/netlink/addresses.ts'
import { createBridge, createVeth, findLink, listLinks } from '../../src/kernel/netlink/links.ts'
import { NetlinkSocket } from '../../src/kernel/netlink/netlink-socket.ts'
import { AF_INET } from '../../src/kernel/sockets/address-family.ts'
import { addressMessage, RTM_NEWADDR } from '../../src/wire/netlink/address.ts'
import { NLM_F_CREATE, NLM_F_EXCL } from '../../src/wire/netlink/frame.ts'
import { linkMessage, RTM_DELLINK, RTM_GETLINK, RTM_NEWLINK } from '../../src/wire/netlink/link.ts'
import { kernelTest } from '../support/kernel.ts'

const blank = { family: 0, type: 0, index: 0, flags: 0, change: 0 }

kernelTest('NetlinkSocket.request() reads a list of many datagrams', ({ netlink, ip }) => {
  for (let i = 0; i < 30; i++) createVeth(netlink, { name: `a${i}`, peer: { name: `b${i}` } })
  const addresses = Array.from({ length: 600 }, (_, i) => `10.${i >> 8}.${i & 255}.1`)
  for (const address of addresses) addAddress(netlink, 1, { address, prefixLength: 24 })
  assert.deepEqual(
    listAddresses(netlink, 1).map(({ address }) => address),
    addresses,
  )
  assert.deepEqual(
    listLinks(netlink).map(({ name }) => name),
    ip('link', 'show').map((link: any) => link.ifname),
  )
})

kernelTest('NetlinkSocket.request() gives the answer, whatever its size', ({ netlink }) => {
  // With statistics and everything a link message is some 2 kB.
  const [reply] = netlink.request('find link', RTM_GETLINK, 0, linkMessage.encode({ ...blank, index: 1 }))
  assert.equal(linkMessage.decode(reply!).attributes.name, 'lo')
})

kernelTest('NetlinkSocket.request() tells what the kernel says, and serves the next request', ({ netlink }) => {
  const request = (attributes: Parameters<typeof linkMessage.encode>[1]) =>
    netlink.request('create thing', RTM_NEWLINK, 0x600, linkMessage.encode(blank, attributes))
  assert.throws(() => request({ name: 'x', info: { kind: 'no-such-kind' } }), {
    name: 'KernelError',
    kind: 'not-implemented',
    errno: 'EOPNOTSUPP',
    detail: 'Unknown device type',
    message: 'Cannot create thing: Unknown device type',
  })
  assert.throws(() => request({ name: 'x', mtu: 1, info: { kind: 'bridge' } }), {
    errno: 'EINVAL',
    detail: 'mtu less than device minimum',
  })
  assert.equal(findLink(netlink, 1)?.name, 'lo')
})

kernelTest('NetlinkSocket.requestMany() does all that can be done, and says which could not', ({ netlink, ip }) => {
  const requests = Array.from({ length: 1000 }, (_, i) => {
    // Every tenth has an address that an earlier one has.
    const address = `10.${(i - (i % 10 === 9 ? 1 : 0)) >> 8}.${(i - (i % 10 === 9 ? 1 : 0)) & 255}.1`
    const header = { family: AF_INET, prefixLength: 24, flags: 0, scope: 0, index: 1 }
    const body = addressMessage.encode(header, { address, local: address })
    return { type: RTM_NEWADDR, flags: NLM_F_CREATE | NLM_F_EXCL, body }
  })
  const refusals = netlink.requestMany('add addresses', requests)
  assert.deepEqual(
    refusals.map((refusal) => refusal?.errno),
    requests.map((_, i) => (i % 10 === 9 ? 'EEXIST' : undefined)),
  )
  assert.equal(ip('addr', 'show', 'lo')[0].addr_info.length, 900)
  const wrong = requests.map((request) => ({ ...request, body: new Uint8Array(3) }))
  assert.equal(netlink.requestMany('say nonsense', wrong).filter((one) => one !== undefined).length, 1000)
  assert.deepEqual(netlink.requestMany('do nothing', []), [])
  assert.equal(findLink(netlink, 1)?.name, 'lo')
})

kernelTest('NetlinkSocket.requestAsync() lets others use the socket meanwhile', async ({ netlink, ip }) => {
  const bridges = Array.from({ length: 5 }, (_, i) => createBridge(netlink, { name: `br${i}` }))
  const deletions = bridges.map((index) =>
    netlink.requestAsync('delete link', RTM_DELLINK, 0, linkMessage.encode({ ...blank, index })),
  )
  const absent = netlink.requestAsync('delete link', RTM_DELLINK, 0, linkMessage.encode({ ...blank, index: 4_000_000 }))
  for (let i = 0; i < 100; i++) assert.equal(findLink(netlink, 1)?.name, 'lo')
  await assert.rejects(absent, { errno: 'ENODEV' })
  assert.deepEqual(
    await Promise.all(deletions),
    bridges.map(() => []),
  )
  assert.equal(ip('link', 'show').length, 1)
})

kernelTest('NetlinkSocket closes when what is under way is done', async ({ namespace, netlink }) => {
  const index = createBridge(netlink, { name: 'br0' })
  const other = new NetlinkSocket(namespace)
  const deletion = other.requestAsync('delete link', RTM_DELLINK, 0, linkMessage.encode({ ...blank, index }))
  other[Symbol.dispose]()
  other[Symbol.dispose]()
  assert.throws(() => findLink(other, 1), { errno: 'EBADF' })
  await deletion
  assert.equal(findLink(netlink, index), undefined)
})
