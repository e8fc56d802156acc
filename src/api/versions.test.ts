import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkVersion, isBefore, splitVersion } from './versions.ts'

test('splitVersion() takes the version off a URL', () => {
  assert.deepEqual(splitVersion('/v1.43/containers/json?all=1'), { version: '1.43', url: '/containers/json?all=1' })
  assert.deepEqual(splitVersion('/info'), { version: '1.51', url: '/info' })
  assert.deepEqual(splitVersion('/v1.30'), { version: '1.30', url: '/' })
  assert.deepEqual(splitVersion('/version'), { version: '1.51', url: '/version' })
})

test('isBefore() compares part by part', () => {
  assert.deepEqual(
    [isBefore('1.9', '1.24'), isBefore('1.24', '1.24'), isBefore('2', '1.51'), isBefore('1', '1.24')],
    [true, false, false, true],
  )
})

test("checkVersion() refuses what is too old and too new, in Docker's words", () => {
  checkVersion('1.24')
  checkVersion('1.51')
  assert.throws(() => checkVersion('1.23'), {
    message:
      'client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version',
  })
  assert.throws(() => checkVersion('1.52'), {
    message: 'client version 1.52 is too new. Maximum supported API version is 1.51',
  })
})
