import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseListenAddress } from './listen-address.ts'

test('parseListenAddress() reads paths, addresses of both families, and puts in Docker’s ports', () => {
  const tcp = (address: string, port: number) => ({ kind: 'tcp', address, port })
  assert.deepEqual(parseListenAddress('unix:///run/w.sock', true), { kind: 'unix', path: '/run/w.sock' })
  assert.deepEqual(parseListenAddress('tcp://127.0.0.1:1234', true), tcp('127.0.0.1', 1234))
  assert.deepEqual(parseListenAddress('tcp://127.0.0.1', true), tcp('127.0.0.1', 2376))
  assert.deepEqual(parseListenAddress('tcp://localhost', false), tcp('127.0.0.1', 2375))
  assert.deepEqual(parseListenAddress('tcp://[::1]:9/', true), tcp('::1', 9))
  assert.deepEqual(parseListenAddress('tcp://:9', true), tcp('', 9))
})

test('parseListenAddress() refuses what is no address', () => {
  for (const host of ['unix://x', 'npipe://x', '/run/w.sock', 'tcp://name:1', 'tcp://1.2.3.4:99999', 'tcp://a/b', '']) {
    assert.throws(() => parseListenAddress(host, true), { kind: 'invalid-argument' }, host)
  }
})
