import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beginChange, nextSecrets, whoIsAwaited } from './next-secrets.ts'
import type { HeldSecrets, SharedSecrets } from './secrets-model.ts'

const networkId = 'f'.repeat(64)
const one = { number: 1, secret: 'a'.repeat(64) }
const two = { number: 2, secret: 'b'.repeat(64) }
const settled: SharedSecrets = { networkId, generations: [one], sending: 1 }
const held = (nodeId: string, accepts: number, sends: number): HeldSecrets => ({ networkId, nodeId, accepts, sends })

test('nextSecrets() goes on only when every member has done the step before', () => {
  const begun = beginChange(settled, two.secret)
  assert.deepEqual(begun, { networkId, generations: [one, two], sending: 1 })
  assert.equal(nextSecrets(begun, [held('a', 2, 1)], ['a', 'b']), undefined)
  assert.deepEqual(whoIsAwaited(begun, [held('a', 2, 1)], ['a', 'b']), ['b'])
  const heard = [held('a', 2, 1), held('b', 2, 1)]
  const spoken = nextSecrets(begun, heard, ['a', 'b'])!
  assert.deepEqual(spoken, { networkId, generations: [one, two], sending: 2 })
  assert.equal(
    nextSecrets(spoken, heard, ['a', 'b']),
    undefined,
    'the older one is accepted while anybody sends with it',
  )
  const done = nextSecrets(spoken, [held('a', 2, 2), held('b', 2, 2)], ['a', 'b'])!
  assert.deepEqual(done, { networkId, generations: [two], sending: 2 })
  assert.equal(nextSecrets(done, [], []), undefined)
})

test('nextSecrets() waits for nobody where nobody is', () => {
  const spoken = nextSecrets(beginChange(settled, two.secret), [], [])!
  assert.deepEqual(nextSecrets(spoken, [], []), { networkId, generations: [two], sending: 2 })
})
