import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AddressClaims } from './address-claims.ts'
import type { RemoteEndpoint } from './elsewhere.ts'

const remote = (id: string, digit: number): RemoteEndpoint =>
  ({ endpoint: { id, mac: `02:42:0a:01:00:0${digit}`, ipv4: `10.1.0.${digit}/24` }, node: {} }) as RemoteEndpoint

test('AddressClaims lets nobody have an address that somebody else has, until that one goes', () => {
  const claims = new AddressClaims()
  const [late, ghost, other] = [remote('late', 5), remote('ghost', 5), remote('other', 6)]
  assert.deepEqual(claims.take('net', [late, other]), [late, other])
  assert.deepEqual(claims.take('net', [ghost]), [])
  assert.deepEqual(claims.take('net', [late]), [late], 'it is told again')
  assert.deepEqual(claims.take('elsewhere', [ghost]), [ghost], 'another network')
  assert.deepEqual(claims.release('net', [ghost], [late, other]), { gone: [], next: [] })
  claims.take('net', [ghost])
  assert.deepEqual(claims.release('net', [late], [ghost, other]), { gone: [late], next: [ghost] })
  assert.deepEqual(claims.release('net', [ghost], []), { gone: [ghost], next: [] })
  claims.forget('net')
  assert.deepEqual(claims.take('net', [remote('fresh', 6)]).length, 1)
})
