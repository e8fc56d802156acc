import assert from 'node:assert/strict'
import { test } from 'node:test'
import { imageRecord, parseImageConfig } from '../config/image-config.ts'
import { findImage, isIdOf, noSuchImage, storedName } from './find-image.ts'
import { parseReference } from './references.ts'

const config = parseImageConfig('{"rootfs":{"diff_ids":[]}}', 'test')
const digest = `sha256:${'9'.repeat(64)}`
const one = imageRecord(`sha256:abc1${'0'.repeat(60)}`, config, [], {
  repoTags: ['busybox:latest', 'localhost:5000/x:1'],
  repoDigests: [`busybox@${digest}`],
})
const two = imageRecord(`sha256:abc2${'0'.repeat(60)}`, config, [], { repoTags: ['abc1:latest'], repoDigests: [] })
const images = [one, two]

test('findImage() finds by name, by digest, by id and by the beginning of an id', () => {
  const cases = [
    ['busybox', one],
    ['docker.io/library/busybox:latest', one],
    ['localhost:5000/x:1', one],
    [`busybox@${digest}`, one],
    [`busybox:other@${digest}`, one],
    [`busybox@${one.id}`, one],
    [one.id, one],
    [two.id.slice(7), two],
    ['abc2', two],
    ['sha256:abc2', two],
    ['abc1', two], // a name comes before an id
    ['busybox:1', undefined],
    [`other@${one.id}`, undefined],
    [`sha256:${'7'.repeat(64)}`, undefined],
  ] as const
  for (const [text, image] of cases) assert.equal(findImage(images, text), image, text)
  assert.throws(() => findImage(images, 'abc'), { kind: 'invalid-argument' })
  assert.throws(() => findImage(images, 'a b'), { message: 'invalid reference format' })
})

test('noSuchImage() and storedName() print names as Docker does', () => {
  assert.equal(noSuchImage('nosuch').message, 'No such image: nosuch:latest')
  assert.equal(noSuchImage('docker.io/library/a:1').message, 'No such image: a:1')
  assert.equal(noSuchImage(digest).message, `No such image: ${digest}`)
  assert.equal(storedName(parseReference('a')), 'a:latest')
  assert.equal(storedName(parseReference(`a:1@${digest}`)), `a@${digest}`)
  assert.deepEqual(
    ['abc1', 'sha256:abc1', 'bc1'].map((text) => isIdOf(one, text)),
    [true, true, false],
  )
})
