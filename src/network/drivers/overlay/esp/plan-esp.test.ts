import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareEsp, type EspSite, markOf, planEsp, planHost } from './plan-esp.ts'

const secret = (number: number) => ({ number, bytes: new Uint8Array(32).fill(number) })
const here: EspSite = { vni: 4097, local: '192.0.2.1', secrets: { accepted: [secret(1)], sending: 1 } }
const there: EspSite = { ...here, local: '192.0.2.2' }
const both: EspSite = { ...here, secrets: { accepted: [secret(1), secret(2)], sending: 1 } }

test('planHost() gives both ends the same association for each direction, and no two the same key', () => {
  const mine = planHost(here, there.local).associations
  const theirs = planHost(there, here.local).associations
  const [incoming, outgoing] = mine
  assert.deepEqual(theirs, [outgoing, incoming])
  assert.notDeepEqual(incoming!.key, outgoing!.key)
  assert.equal(incoming!.key.length, 20)
  assert.notDeepEqual(planHost({ ...here, vni: 4098 }, there.local).associations[0]!.key, incoming!.key)
})

test('planHost() hears every secret that is accepted and speaks one; an unknown one is not spoken', () => {
  const { associations, policies } = planHost(both, there.local)
  const spoken = associations.filter(({ source }) => source === both.local)
  assert.deepEqual([associations.length, spoken.length], [3, 1])
  assert.equal(policies[0]!.through!.spi, spoken[0]!.spi)
  const mute = planHost({ ...both, secrets: { ...both.secrets, sending: 3 } }, there.local)
  assert.deepEqual([mute.associations.length, mute.policies], [2, []])
})

test('planEsp() drops what is for nobody it knows, and writes one host once however its address is written', () => {
  const plan = planEsp({ ...here, local: 'fd00::1' }, ['fd00::2'])
  assert.deepEqual(plan.policies[0], { mark: markOf(4097), port: 4789, priority: 200, family: 10 })
  const nothing = { associations: [], policies: [] }
  const again = planEsp({ ...here, local: 'fd00:0::1' }, ['fd00:0:0::2'])
  assert.deepEqual(compareEsp(again, plan), { missing: nothing, extra: nothing })
})

test('compareEsp() finds what a change of secrets adds and removes', () => {
  const before = planEsp(here, [there.local])
  const { missing, extra } = compareEsp(planEsp(both, [there.local]), before)
  assert.deepEqual([missing.associations.length, missing.policies.length], [1, 0])
  assert.deepEqual([extra.associations.length, extra.policies.length], [0, 0])
  const spoken = compareEsp(planEsp({ ...both, secrets: { ...both.secrets, sending: 2 } }, [there.local]), before)
  assert.deepEqual([spoken.missing.policies.length, spoken.extra.policies.length], [1, 1])
})
