import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetworkRecord } from '../model.ts'
import { AddressBook } from './address-book.ts'
import { requirePrefix } from './prefix.ts'

const network = {
  id: 'f00d',
  name: 'net',
  ipam: {
    driver: 'default',
    options: {},
    configs: [
      { subnet: '10.0.0.0/29', gateway: '10.0.0.1', auxAddresses: { printer: '10.0.0.2' } },
      { subnet: 'fd00::/126', gateway: 'fd00::1' },
    ],
  },
} as unknown as NetworkRecord // the book reads nothing else of it

test('AddressBook gives one address of each family, all or none', () => {
  const book = new AddressBook()
  book.open(network)
  assert.deepEqual(book.reserve(network, {}), { ipv4: '10.0.0.3/29', ipv6: 'fd00::2/126' })
  assert.deepEqual(book.reserve(network, { ipv4: '10.0.0.6' }), { ipv4: '10.0.0.6/29', ipv6: 'fd00::3/126' })
  assert.throws(() => book.reserve(network, {}), {
    kind: 'internal',
    message: "no available IPv6 addresses on this network's address pools: net (f00d)",
  })
  book.release(network.id, { ipv6: 'fd00::3/126' })
  // What the failed attempt had taken of IPv4 was given back, and rests.
  assert.deepEqual(book.reserve(network, {}), { ipv4: '10.0.0.5/29', ipv6: 'fd00::3/126' })
})

test('AddressBook refuses addresses that are taken: by endpoints, gateway and auxiliary addresses', () => {
  const book = new AddressBook()
  book.open(network, [{ ipv4: '10.0.0.4/29' }])
  for (const ipv4 of ['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.4', '10.0.0.7']) {
    assert.throws(() => book.reserve(network, { ipv4 }), { kind: 'forbidden', message: 'Address already in use' })
  }
  assert.deepEqual(book.reserve(network, {}), { ipv4: '10.0.0.5/29', ipv6: 'fd00::2/126' })
})

test('AddressBook knows nothing of networks that are closed, and of those without addresses', () => {
  const book = new AddressBook()
  book.open({ ...network, ipam: { ...network.ipam, configs: [] } })
  assert.deepEqual(book.reserve(network, {}), {})
  book.close(network.id)
  book.release(network.id, { ipv4: '10.0.0.3/29' })
  assert.deepEqual(book.reserve(network, {}), {})
})

test('AddressBook uses up one subnet after the other, and finds that of an address that is insisted on', () => {
  const subnets = ['10.0.0.0/30', '10.0.1.0/30', 'fd00::/126', 'fd01::/126']
  const wide = { ...network, ipam: { ...network.ipam, configs: subnets.map((subnet) => ({ subnet })) } }
  const book = new AddressBook()
  book.open(wide, [{ ipv4: '10.0.0.1/30', ipv6: 'fd01::2/126' }])
  assert.deepEqual(book.reserve(wide, { ipv4: '10.0.1.2' }), { ipv4: '10.0.1.2/30', ipv6: 'fd00::1/126' })
  assert.deepEqual(book.reserve(wide, { ipv6: 'fd01::1' }), { ipv4: '10.0.0.2/30', ipv6: 'fd01::1/126' })
  assert.deepEqual(book.reserve(wide, {}), { ipv4: '10.0.1.1/30', ipv6: 'fd00::2/126' })
  assert.throws(() => book.reserve(wide, {}), /no available IPv4 addresses/)
  assert.throws(() => book.reserve(wide, { ipv4: '10.0.1.2' }), { message: 'Address already in use' })
  book.release(wide.id, { ipv4: '10.0.0.1/30' })
  assert.equal(book.reserve(wide, {}).ipv4, '10.0.0.1/30')
  assert.equal(book.subnetsOf(wide.id).length, 4)
  book.close(wide.id)
  assert.equal(book.overlapping(requirePrefix('10.0.0.0/8', 'block')).length, 0)
})
