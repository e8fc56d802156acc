import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPlatform, platformWarning } from './check-platform.ts'
import { hostPlatform, parsePlatform } from './platform.ts'

const image = { os: 'linux', architecture: 's390x', variant: '' }

test('checkPlatform() refuses what is for another machine, and takes what does not say', () => {
  checkPlatform(image, undefined, 'x')
  checkPlatform(image, parsePlatform('linux/s390x'), 'x')
  checkPlatform({ ...image, architecture: '' }, parsePlatform('linux/arm64'), 'x')
  assert.throws(() => checkPlatform(image, parsePlatform('arm64'), 'x'), {
    kind: 'not-found',
    message:
      'image with reference x was found but its platform (linux/s390x) does not match the specified platform (linux/arm64)',
  })
})

test('platformWarning() tells of an image that is for another machine than this', () => {
  assert.equal(platformWarning(hostPlatform()), undefined)
  assert.match(platformWarning(image)!, /^The requested image's platform \(linux\/s390x\) does not match the detected /)
})
