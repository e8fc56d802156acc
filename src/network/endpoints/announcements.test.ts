import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAnnouncements } from './announcements.ts'

const prefix = 'com.docker.network.advertise_addr'

test('parseAnnouncements() takes what is in range, and refuses the rest in the words of Docker', () => {
  assert.deepEqual(parseAnnouncements({}), { count: 3, intervalMs: 1000 })
  assert.deepEqual(parseAnnouncements({ [`${prefix}_nmsgs`]: '0', [`${prefix}_ms`]: '100' }), {
    count: 0,
    intervalMs: 100,
  })
  assert.throws(() => parseAnnouncements({ [`${prefix}_nmsgs`]: '4', [`${prefix}_ms`]: '99' }), {
    kind: 'internal',
    message: `${prefix}_nmsgs must be in the range 0 to 3\n${prefix}_ms must be in the range 100 to 2000`,
  })
  assert.throws(() => parseAnnouncements({ [`${prefix}_nmsgs`]: 'few', [`${prefix}_ms`]: '1s' }), {
    message: `value for option ${prefix}_nmsgs "few" must be an integer\nvalue for option ${prefix}_ms "1s" must be integer milliseconds`,
  })
})
