import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeImage } from '../../../test/support/api/fake-records.ts'
import { parsePlatform } from '../config/platform.ts'
import { parseReference } from '../names/references.ts'
import { choosePushTargets } from './push-targets.ts'

const images = [
  { ...fakeImage, id: 'sha256:1', repoTags: ['busybox:2', 'reg:5000/x:1'] },
  { ...fakeImage, id: 'sha256:2', repoTags: ['busybox:1'] },
]
const choose = (text: string, platform?: string) =>
  choosePushTargets(images, parseReference(text), platform === undefined ? undefined : parsePlatform(platform)).map(
    ({ reference, image }) => `${reference.path}:${reference.tag} ${image.id}`,
  )

test('choosePushTargets() takes one tag, or all of the repository in their order', () => {
  assert.deepEqual(choose('busybox:2'), ['library/busybox:2 sha256:1'])
  assert.deepEqual(choose('busybox'), ['library/busybox:1 sha256:2', 'library/busybox:2 sha256:1'])
  assert.deepEqual(choose('reg:5000/x', 'linux/amd64'), ['x:1 sha256:1'])
})

test('choosePushTargets() says what is not there in the words of Docker', () => {
  const cases = {
    none: 'An image does not exist locally with the tag: none',
    'busybox:3': 'tag does not exist: busybox:3',
    [`busybox@sha256:${'1'.repeat(64)}`]: 'cannot push a digest reference',
  }
  for (const [text, message] of Object.entries(cases)) assert.throws(() => choose(text), { message })
  assert.throws(() => choose('busybox:1', 'linux/arm64'), {
    kind: 'not-found',
    message: /does not match the specified platform/,
  })
})
