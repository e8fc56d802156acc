import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseVlanName, trunkOf } from './vlan-name.ts'

const exists = (name: string) => name === 'eth0'

test('parseVlanName() reads name and number, and refuses in the words of Docker', () => {
  assert.deepEqual(parseVlanName('eth0.10', exists), { trunk: 'eth0', id: 10 })
  assert.deepEqual(parseVlanName('eth0.4094', exists), { trunk: 'eth0', id: 4094 })
  const refusals = {
    eth9: 'invalid subinterface vlan name eth9, example formatting is eth0.10',
    'eth0.1.2': 'required interface name format is: name.vlan_id, ex. eth0.10 for vlan 10, instead received eth0.1.2',
    'eth0.x': 'unable to parse a valid vlan id from: x (ex. eth0.10 for vlan 10)',
    'eth0.': 'unable to parse a valid vlan id from:  (ex. eth0.10 for vlan 10)',
    'eth9.10': '-o parent interface was not found on the host: eth9',
    'eth0.0': 'vlan id must be between 1-4094, received: 0',
    'eth0.-1': 'vlan id must be between 1-4094, received: -1',
    'eth0.4095': 'vlan id must be between 1-4094, received: 4095',
  }
  for (const [name, message] of Object.entries(refusals))
    assert.throws(() => parseVlanName(name, exists), { kind: 'internal', message }, name)
})

test('trunkOf() is what carries a sub-interface, and nothing for other names', () => {
  assert.deepEqual(['eth0.10', 'eth0', 'a.b.10', 'eth0.x'].map(trunkOf), ['eth0', undefined, undefined, undefined])
})
