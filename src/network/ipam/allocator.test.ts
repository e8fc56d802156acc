import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AddressAllocator } from './allocator.ts'
import { parsePrefix } from './prefix.ts'

const prefix = (text: string) => parsePrefix(text)!
const draw = (allocator: AddressAllocator, count: number) => Array.from({ length: count }, () => allocator.next())

test('AddressAllocator gives the lowest free address after the one given last, and the lowest of all after the end', () => {
  const allocator = new AddressAllocator({ subnet: prefix('10.0.0.0/29'), reserved: ['10.0.0.1'] })
  assert.deepEqual(draw(allocator, 3), ['10.0.0.2', '10.0.0.3', '10.0.0.4'])
  allocator.release('10.0.0.3')
  assert.deepEqual(draw(allocator, 3), ['10.0.0.5', '10.0.0.6', '10.0.0.3'])
  assert.equal(allocator.next(), undefined)
  allocator.release('10.0.0.6')
  assert.equal(allocator.next(), '10.0.0.6')
})

test('AddressAllocator chooses inside its range only, and takes static addresses anywhere in the subnet', () => {
  const allocator = new AddressAllocator({ subnet: prefix('10.0.0.0/24'), range: prefix('10.0.0.128/30') })
  assert.equal(allocator.take('10.0.0.7'), true)
  assert.equal(allocator.take('10.0.0.7'), false)
  assert.equal(allocator.take('10.0.0.129'), true)
  assert.deepEqual(draw(allocator, 4), ['10.0.0.128', '10.0.0.130', '10.0.0.131', undefined])
  assert.deepEqual(
    ['10.0.0.0', '10.0.0.255', '10.0.1.1', 'fd00::1', 'x'].map((text) => allocator.take(text)),
    [false, false, false, false, false],
  )
})

test('AddressAllocator uses both addresses of a /31 and the one of a /32', () => {
  assert.deepEqual(draw(new AddressAllocator({ subnet: prefix('10.0.0.4/31') }), 3), [
    '10.0.0.4',
    '10.0.0.5',
    undefined,
  ])
  assert.deepEqual(draw(new AddressAllocator({ subnet: prefix('10.0.0.4/32') }), 2), ['10.0.0.4', undefined])
})

test('AddressAllocator goes on after the address that was restored last', () => {
  const allocator = new AddressAllocator({ subnet: prefix('fd00::/64'), reserved: ['fd00::1'] })
  allocator.restore('fd00::5')
  allocator.release('fd00::5')
  allocator.release('fd00::5')
  assert.deepEqual(draw(allocator, 2), ['fd00::6', 'fd00::7'])
})

test('AddressAllocator gives the lowest free address when it is serial, after a restart too', () => {
  const serial = new AddressAllocator({ subnet: prefix('10.0.0.0/29'), isSerial: true })
  assert.deepEqual(draw(serial, 3), ['10.0.0.1', '10.0.0.2', '10.0.0.3'])
  serial.release('10.0.0.1')
  assert.deepEqual(draw(serial, 2), ['10.0.0.1', '10.0.0.4'])
  const restored = new AddressAllocator({ subnet: prefix('10.0.0.0/29'), isSerial: true })
  restored.restore('10.0.0.2')
  assert.deepEqual(draw(restored, 2), ['10.0.0.1', '10.0.0.3'])
})
