import assert from 'node:assert/strict'
import {
  addAddress,
  ensureAddress,
  listAddresses,
  listAllAddresses,
  removeAddress,
} from '../../src/kernel/netlink/addresses.ts'
import { createBridge } from '../../src/kernel/netlink/links.ts'
import { kernelTest } from '../support/kernel.ts'
import { runIn } from '../support/shell.ts'

kernelTest('listAddresses() gives both families, in kernel order', ({ netlink, namespace }) => {
  runIn(namespace, 'ip', 'link', 'set', 'lo', 'up')
  runIn(namespace, 'ip', 'address', 'add', '10.1.2.3/24', 'dev', 'lo', 'valid_lft', '600', 'preferred_lft', '300')

  assert.deepEqual(
    listAddresses(netlink, 1).map((a) => ({ ...a, validFor: a.validFor === Infinity ? Infinity : 600 })),
    [
      { address: '127.0.0.1', prefixLength: 8, validFor: Infinity },
      { address: '10.1.2.3', prefixLength: 24, validFor: 600 },
      { address: '::1', prefixLength: 128, validFor: Infinity },
    ],
  )
  assert.deepEqual(listAddresses(netlink, 4_000_000), [])
})

kernelTest('addAddress() and removeAddress() do what ip sees', ({ netlink, ip }) => {
  const index = createBridge(netlink, { name: 'br0', up: true })
  const v4 = { address: '172.18.0.1', prefixLength: 16, broadcast: '172.18.255.255' }
  const v6 = { address: 'fd00::1', prefixLength: 64, noDad: true }
  addAddress(netlink, index, v4)
  addAddress(netlink, index, v6)
  const seen = () =>
    ip('address', 'show', 'br0')[0]
      .addr_info.filter((one: any) => one.scope === 'global')
      .map((one: any) => [one.local, one.prefixlen, one.broadcast, one.nodad, one.tentative])
  assert.deepEqual(seen(), [
    ['172.18.0.1', 16, '172.18.255.255', undefined, undefined],
    ['fd00::1', 64, undefined, true, undefined],
  ])
  assert.deepEqual(
    listAllAddresses(netlink)
      .filter((one) => one.index === index && !one.address.startsWith('fe80'))
      .map(({ address, prefixLength }) => ({ address, prefixLength })),
    [
      { address: '172.18.0.1', prefixLength: 16 },
      { address: 'fd00::1', prefixLength: 64 },
    ],
  )
  assert.throws(() => addAddress(netlink, index, v4), { errno: 'EEXIST' })
  assert.deepEqual([ensureAddress(netlink, index, v4), ensureAddress(netlink, index, v6)], [false, false])
  for (const address of [v4, v6, v4, v6]) removeAddress(netlink, index, address)
  removeAddress(netlink, 4_000_000, v4)
  assert.deepEqual(seen(), [])
  assert.deepEqual([ensureAddress(netlink, index, v4), ensureAddress(netlink, index, v6)], [true, true])
})

kernelTest('addAddress() passes on what the kernel says', ({ netlink }) => {
  assert.throws(() => addAddress(netlink, 1, { address: '10.0.0.1', prefixLength: 33 }), {
    kind: 'invalid-argument',
    message: 'Cannot add address "10.0.0.1/33" to link 1: ipv4: Invalid prefix length',
  })
  assert.throws(() => addAddress(netlink, 4_000_000, { address: '10.0.0.1', prefixLength: 8 }), { errno: 'ENODEV' })
  assert.throws(() => addAddress(netlink, 1, { address: '10.0.0', prefixLength: 8 }), RangeError)
})
