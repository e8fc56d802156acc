import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeSocketAddress, endpointText } from './sockets.ts'

test('encodeSocketAddress() lays out what the kernel reads', () => {
  assert.equal(encodeSocketAddress('127.0.0.11', 53).toString('hex'), '020000357f00000b0000000000000000')
  const v6 = '0a00003500000000fe80000000000000000000000000000107000000'
  assert.equal(encodeSocketAddress('fe80::1%7', 53).toString('hex'), v6)
})

test('endpointText() writes an address with its port', () => {
  assert.deepEqual([endpointText('10.0.0.1', 80), endpointText('::1', 80)], ['10.0.0.1:80', '[::1]:80'])
})
