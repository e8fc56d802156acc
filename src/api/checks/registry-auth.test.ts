import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registryAuthOf, requiredRegistryAuth } from './registry-auth.ts'

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

test('registryAuthOf() takes what names a user, and nobody for what cannot be read', () => {
  assert.deepEqual(registryAuthOf(encode({ username: 'me', password: 'x', serveraddress: 'y' })), {
    username: 'me',
    password: 'x',
  })
  assert.deepEqual(registryAuthOf(encode({ identitytoken: 't' })), { identitytoken: 't' })
  for (const nobody of [undefined, '', '!', encode({}), encode(null), encode({ username: 7 })])
    assert.equal(registryAuthOf(nobody), undefined)
})

test('requiredRegistryAuth() wants the header or a body', () => {
  assert.equal(requiredRegistryAuth('e30=', undefined), undefined)
  assert.deepEqual(requiredRegistryAuth(undefined, { username: 'me' }), { username: 'me' })
  assert.throws(() => requiredRegistryAuth(undefined, undefined), { kind: 'invalid-argument' })
})
