import assert from 'node:assert/strict'
import { test } from 'node:test'
import { espAssociation, espName, parseEspAssociation } from './xfrm.ts'
import { type OutgoingPolicy, outgoingPolicy, outgoingPolicyId, parseOutgoingPolicy } from './xfrm-policy.ts'

const ends = [
  { source: '192.0.2.1', destination: '192.0.2.2', family: 2 },
  { source: 'fd00::1', destination: 'fd00::2', family: 10 },
]

test('an association and a policy come back from bytes as they were, in both families', () => {
  for (const { source, destination, family } of ends) {
    const parts = { source, destination, spi: 0xc0ffee, requestId: 4097, key: new Uint8Array(20).fill(7) }
    assert.deepEqual(parseEspAssociation(espAssociation(parts)), { ...parts, packets: 0n })
    const through = { source, destination, spi: 0xc0ffee, requestId: 4097 }
    const policy: OutgoingPolicy = { mark: 0x5700_1001, port: 4789, priority: 100, family, through }
    assert.deepEqual(parseOutgoingPolicy(outgoingPolicy(policy)), policy)
    const { through: _, ...dropped } = policy
    assert.deepEqual(parseOutgoingPolicy(outgoingPolicy(dropped)), dropped)
  }
})

test('messages have the sizes of the kernel’s structures', () => {
  const policy: OutgoingPolicy = { mark: 1, port: 4789, priority: 1, family: 2 }
  const mark = 4 + 8
  assert.equal(outgoingPolicy(policy).length, 168 + mark) // struct xfrm_userpolicy_info
  assert.equal(outgoingPolicyId(policy).length, 64 + mark) // struct xfrm_userpolicy_id
  const through = { source: '192.0.2.1', destination: '192.0.2.2', spi: 256, requestId: 1 }
  assert.equal(outgoingPolicy({ ...policy, through }).length, 168 + mark + 4 + 64) // struct xfrm_user_tmpl
  assert.equal(espName({ destination: '192.0.2.2', spi: 256 }).length, 24) // struct xfrm_usersa_id
})
