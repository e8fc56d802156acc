import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseResult } from './result.ts'

test('parseResult() takes what plugins answer, and leaves out what is null', () => {
  const result = {
    cniVersion: '1.0.0',
    interfaces: [{ name: 'eth0', sandbox: '/run/netns/a' }],
    ips: [{ address: '10.0.0.2/24', gateway: '10.0.0.1', interface: 0 }, { address: 'fd00::2/64' }],
    routes: [{ dst: '0.0.0.0/0' }, { dst: '10.9.0.0/16', gw: '10.0.0.9' }, { dst: '::/0', gw: '' }],
  }
  assert.deepEqual(parseResult('ptp', JSON.stringify({ ...result, dns: {}, more: null })), { ...result, dns: {} })
  assert.deepEqual(parseResult('ptp', '{"ips":null}'), {})
})

const cases: readonly [unknown, RegExp][] = [
  ['all is well', /its answer is not an object/],
  [[], /is not an object/],
  [{ interfaces: [{}] }, /has interfaces without names/],
  [{ ips: {} }, /has addresses that are none/],
  [{ ips: [{ address: '999.1.1.1/24' }] }, /has addresses that are none/],
  [{ ips: [{ address: '10.0.0.2' }] }, /has addresses that are none/],
  [{ ips: [{ address: '10.0.0.2/33' }] }, /has addresses that are none/],
  [{ ips: [{ address: '10.0.0.2/24', gateway: 'x' }] }, /has addresses that are none/],
  [{ routes: [{ dst: 'x' }] }, /has routes that are none/],
  [{ routes: [{ dst: '0.0.0.0/0', gw: 7 }] }, /has routes that are none/],
  [{ dns: 'none' }, /has names of a wrong shape/],
]

test('parseResult() believes nothing that makes no sense', () => {
  assert.throws(() => parseResult('ptp', 'all is well'), /^EngineError: ADD of CNI plugin ptp: its answer is not JSON/)
  for (const [value, message] of cases) assert.throws(() => parseResult('ptp', JSON.stringify(value)), { message })
})
