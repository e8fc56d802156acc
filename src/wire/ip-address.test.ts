import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ipBytes, ipText, macBytes, macText, parseMac } from './ip-address.ts'

const texts = [
  '0.0.0.0',
  '255.255.255.255',
  '10.1.2.3',
  '::',
  '::1',
  '1::',
  'fe80::1',
  '2001:db8::1:0:0:1',
  '2001:db8:0:1:1:1:1:1',
  '1:0:0:2::',
  '::ffff:10.1.2.3',
  '1:2:3:4:5:6:7:8',
  'ff02::fb',
]

test('ipText() undoes ipBytes() for the shortest form of an address', () => {
  assert.deepEqual(
    texts.map((text) => ipText(ipBytes(text))),
    texts,
  )
})

test('ipBytes() gives the bytes in network order', () => {
  for (const [text, hex] of [
    ['10.0.255.2', '0a00ff02'],
    ['fd00::', 'fd000000000000000000000000000000'],
    ['2001:db8:1:2:3:4:5:abcd', '20010db800010002000300040005abcd'],
    ['::ffff:10.0.0.1', '00000000000000000000ffff0a000001'],
    ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
  ] as const)
    assert.equal(Buffer.from(ipBytes(text)).toString('hex'), hex, text)
})

test('ipBytes() takes the longer forms too', () => {
  const long = ['0:0:0:0:0:0:0:1', '2001:DB8:0000::1', '::10.1.2.3', '64:ff9b::192.0.2.1', 'fe80:0::1']
  assert.deepEqual(
    long.map((text) => ipText(ipBytes(text))),
    ['::1', '2001:db8::1', '::a01:203', '64:ff9b::c000:201', 'fe80::1'],
  )
})

test('ipBytes() refuses what is no address', () => {
  for (const text of ['', '1.2.3', '1.2.3.256', '01.2.3.4', 'fe80::1%eth0', ':::', '1::2::3', '12345::', 'name'])
    assert.throws(() => ipBytes(text), RangeError, text)
})

test('ipText() refuses other lengths', () => {
  for (const length of [0, 3, 5, 15, 17]) assert.throws(() => ipText(new Uint8Array(length)), RangeError)
})

test('macText() undoes macBytes(), also for addresses of other lengths', () => {
  for (const text of ['02:42:ac:11:00:02', '0a:00:00:01']) assert.equal(macText(macBytes(text)), text)
  assert.throws(() => macBytes('02:42:ac:11:00:2'), RangeError)
  assert.throws(() => macBytes(''), RangeError)
})

test('parseMac() reads every way of writing a hardware address of Ethernet', () => {
  for (const text of ['02:42:AC:11:00:0f', '02-42-ac-11-00-0F', '0242.ac11.000f']) {
    assert.equal(parseMac(text), '02:42:ac:11:00:0f')
  }
  for (const text of ['', '02:42', '02:42-ac:11:00:0f', '2:42:ac:11:00:0f', '0242ac11000f']) {
    assert.equal(parseMac(text), undefined, text)
  }
})
