import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resolveUser } from './user.ts'

const accounts = {
  passwd: 'root:x:0:0:root:/root:/bin/sh\n# no user\nweb:x:33:34::/var/www:/bin/sh\nbroken\n5:x:1005:1005::/five:\n',
  group: 'root:x:0:\nweb:x:34:\naudio:x:29:web,other\nvideo:x:44:web\nwheel:x:10:root\n',
}

test('resolveUser() finds users and groups by name and by number', () => {
  const cases = [
    ['', { uid: 0, gid: 0, additionalGids: [0, 10] }],
    ['root', { uid: 0, gid: 0, additionalGids: [0, 10] }],
    ['web', { uid: 33, gid: 34, additionalGids: [34, 29, 44] }],
    ['33', { uid: 33, gid: 34, additionalGids: [34, 29, 44] }],
    ['web:video', { uid: 33, gid: 44, additionalGids: [44] }],
    ['web:7', { uid: 33, gid: 7, additionalGids: [7] }],
    ['4711', { uid: 4711, gid: 0, additionalGids: [0] }],
    ['4711:4712', { uid: 4711, gid: 4712, additionalGids: [4712] }],
    [':video', { uid: 0, gid: 44, additionalGids: [44] }],
  ] as const
  for (const [user, expected] of cases) assert.deepEqual(resolveUser(user, accounts), expected, user)
})

test('resolveUser() adds the groups that were asked for', () => {
  assert.deepEqual(resolveUser('4711', accounts, ['audio', '99', 'audio']), {
    uid: 4711,
    gid: 0,
    additionalGids: [0, 29, 99],
  })
})

test('resolveUser() fails in the words of Docker', () => {
  const cases = [
    ['nosuch', 'unable to find user nosuch: no matching entries in passwd file'],
    ['web:nosuch', 'unable to find group nosuch: no matching entries in group file'],
    ['2147483648', 'uids and gids must be in range 0-2147483647'],
    ['-1', 'uids and gids must be in range 0-2147483647'],
  ] as const
  for (const [user, message] of cases) assert.throws(() => resolveUser(user, accounts), { kind: 'internal', message })
})

test('resolveUser() works without any accounts', () => {
  assert.deepEqual(resolveUser('', { passwd: '', group: '' }), { uid: 0, gid: 0, additionalGids: [0] })
})
