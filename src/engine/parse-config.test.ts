import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foreignKeysOf, parseConfig } from './parse-config.ts'
import { planReload } from './plan-reload.ts'

test('parseConfig() lets flags and the file win over the defaults', () => {
  const config = parseConfig('{"mtu": 1400, "userland-proxy": true}', { dataRoot: '/b' })
  assert.deepEqual(
    [config.mtu, config.dataRoot, config.userlandProxy, config.execRoot],
    [1400, '/b', true, '/run/wharf'],
  )
  assert.ok(Object.isFrozen(config))
})

test('parseConfig() refuses unknown keys, wrong types and what is not JSON', () => {
  const refused = (text: string) => {
    try {
      parseConfig(text, {})
      return 'accepted'
    } catch (error) {
      return (error as Error).message
    }
  }
  assert.match(refused('{"mtuu": 1}'), /^the following directives don't match any configuration option: mtuu$/)
  assert.match(refused('{"mtu": "1500"}'), /Cannot use mtu "1500"/)
  assert.match(refused('{"default-address-pools": [{"base": "10.0.0.0/8"}]}'), /Cannot use default-address-pools/)
  assert.match(refused('[]'), /not a JSON object/)
  assert.match(refused('{'), /Cannot read the configuration/)
})

test('parseConfig() refuses what is said twice, and what excludes each other, with the words of Docker', () => {
  const refused = (text: string, flags: Parameters<typeof parseConfig>[1]) => {
    assert.throws(() => parseConfig(text, flags), { kind: 'invalid-argument' })
    try {
      parseConfig(text, flags)
    } catch (error) {
      return (error as Error).message
    }
    return undefined
  }
  assert.equal(
    refused('{"mtu": 1500, "dns": ["192.0.2.1", "192.0.2.2"]}', { mtu: 1400, dns: ['192.0.2.3'] }),
    'the following directives are specified both as a flag and in the configuration file: ' +
      'mtu: (from flag: 1400, from file: 1500), dns: (from flag: [192.0.2.3], from file: [192.0.2.1 192.0.2.2])',
  )
  assert.match(
    refused('{"bridge": "br0", "bip": "192.0.2.1/24"}', {})!,
    /^You specified -b & --bip, mutually exclusive/,
  )
  assert.match(refused('{"iptables": false, "icc": false}', {})!, /^You specified --iptables=false with --icc=false/)
  assert.match(refused('{"bip": "192.0.2.1"}', {})!, /bip/)
  assert.match(refused('{"default-address-pools": [{"base": "10.0.0.0/16", "size": 8}]}', {})!, /no subnets of 8 bits/)
})

test('foreignKeysOf() names the keys of parts that are not here, which parseConfig() takes', () => {
  const text = '{"storage-driver": "overlay2", "exec-opts": [], "icc": true}'
  assert.deepEqual(foreignKeysOf(text), ['storage-driver', 'exec-opts'])
  assert.equal(parseConfig(text, {}).icc, true)
})

test('planReload() takes what can change, and names what has to wait', () => {
  const before = parseConfig('{"labels": ["a=1"], "mtu": 1400}', {})
  const { config, changed, waiting } = planReload(before, parseConfig('{"labels": ["a=2"], "debug": true}', {}))
  assert.deepEqual([changed.toSorted(), waiting], [['debug', 'labels'], ['mtu']])
  assert.deepEqual([config.labels, config.debug, config.mtu, Object.isFrozen(config)], [['a=2'], true, 1400, true])
})
