import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMetricsAddress } from './metrics-address.ts'

test('parseMetricsAddress() takes addresses with a port, and nothing that would have to be looked up', () => {
  assert.deepEqual(parseMetricsAddress('127.0.0.1:9323'), { address: '127.0.0.1', port: 9323 })
  assert.deepEqual(parseMetricsAddress('[::1]:1'), { address: '::1', port: 1 })
  assert.deepEqual(parseMetricsAddress(':65535'), { address: '', port: 65_535 })
  assert.deepEqual(parseMetricsAddress('localhost:80'), { address: '127.0.0.1', port: 80 })
  const wrong = [
    '9323',
    '127.0.0.1',
    '127.0.0.1:',
    '::1:9323',
    'example.test:80',
    '[127.0.0.1]:80',
    '1.2.3.4:0',
    ':65536',
  ]
  for (const text of [...wrong, 'tcp://127.0.0.1:80', '300.0.0.1:80', ''])
    assert.equal(parseMetricsAddress(text), undefined, text)
})
