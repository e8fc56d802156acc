import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLoopback, parseHostResolver, withoutHostResolver } from './host-resolver.ts'

test('parseHostResolver() reads addresses with and without a port, and nothing else', () => {
  for (const [text, expected] of [
    ['127.0.0.54', { address: '127.0.0.54', port: 53 }],
    ['127.0.0.54:5353', { address: '127.0.0.54', port: 5353 }],
    ['::1', { address: '::1', port: 53 }],
    ['[::1]:5353', { address: '::1', port: 5353 }],
    ['[::1]', { address: '::1', port: 53 }],
    ['', undefined],
    ['localhost', undefined],
    ['127.0.0.54:', undefined],
    ['127.0.0.54:0', undefined],
    ['127.0.0.54:65536', undefined],
    ['[127.0.0.54]:53', undefined],
    ['fe80::1%eth0', undefined],
    [':53', undefined],
  ] as const) {
    assert.deepEqual(parseHostResolver(text), expected, text)
  }
})

test('isLoopback() knows what other machines cannot reach', () => {
  const addresses = ['127.0.0.1', '127.255.0.9', '::1', '192.0.2.1', '::', '1270::1']
  assert.deepEqual(addresses.map(isLoopback), [true, true, true, false, false, false])
})

test('withoutHostResolver() leaves our own address out of the servers of the host', () => {
  const host = { nameservers: ['127.0.0.77', '192.0.2.53'], search: ['example.org'], options: [] }
  assert.deepEqual(withoutHostResolver(host, '127.0.0.77:53').nameservers, ['192.0.2.53'])
  assert.equal(withoutHostResolver(host, ''), host)
})
