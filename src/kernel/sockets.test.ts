import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressBytes, encodeSocketAddress, endpointText } from './sockets.ts'

test('addressBytes() reads both families', () => {
  for (const [text, hex] of [
    ['10.0.255.2', '0a00ff02'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['fd00::', 'fd000000000000000000000000000000'],
    ['2001:db8:1:2:3:4:5:abcd', '20010db800010002000300040005abcd'],
    ['fe80::a:b', 'fe8000000000000000000000000a000b'],
    ['::ffff:10.0.0.1', '00000000000000000000ffff0a000001'],
    ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
  ] as const)
    assert.equal(addressBytes(text).toString('hex'), hex, text)
  for (const text of ['', '10.0.0', '10.0.0.256', 'web', '1::2::3', '12345::'])
    assert.throws(() => addressBytes(text), RangeError, text)
})

test('encodeSocketAddress() lays out what the kernel reads', () => {
  assert.equal(encodeSocketAddress('127.0.0.11', 53).toString('hex'), '020000357f00000b0000000000000000')
  const v6 = '0a00003500000000fe80000000000000000000000000000107000000'
  assert.equal(encodeSocketAddress('fe80::1%7', 53).toString('hex'), v6)
})

test('endpointText() writes an address with its port', () => {
  assert.deepEqual([endpointText('10.0.0.1', 80), endpointText('::1', 80)], ['10.0.0.1:80', '[::1]:80'])
})
