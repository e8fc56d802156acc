import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ParentUsers } from './parent-users.ts'

const user = (networkId: string, driver: 'macvlan' | 'ipvlan' = 'macvlan') => ({
  networkId,
  driver,
  isExclusive: false,
})

test('ParentUsers: an interface is used until its last network has gone, whatever the driver', () => {
  const users = new ParentUsers()
  users.add('eth0.10', user('a'))
  users.add('eth0.10', user('a'))
  users.add('eth0.10', user('b', 'ipvlan'))
  users.remove('eth0.10', 'a')
  users.remove('eth0.10', 'a')
  assert.equal(users.isUsed('eth0.10'), true)
  users.remove('eth0.10', 'b')
  assert.equal(users.isUsed('eth0.10'), false)
})

test('ParentUsers: beside a network are the others of its driver, and keep() forgets those of that driver alone', () => {
  const users = new ParentUsers()
  for (const one of [user('a'), user('b'), user('c', 'ipvlan')]) users.add('eth0', one)
  assert.deepEqual(users.beside('eth0', user('a')), [user('b')])
  users.keep('macvlan', new Set(['a']))
  assert.deepEqual(users.beside('eth0', user('a')), [])
  assert.deepEqual(users.beside('eth0', user('x', 'ipvlan')), [user('c', 'ipvlan')])
})
