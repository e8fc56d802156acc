import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeImage } from '../../../test/support/api/fake-records.ts'
import type { ImageRecord } from '../../image/images.ts'
import { imageUsage, LayerUses } from './image-usage.ts'

function image(id: string, layers: Readonly<Record<string, number>>): ImageRecord {
  const records = Object.entries(layers).map(([diffId, unpackedSize]) => ({
    ...fakeImage.layers[0]!,
    diffId,
    unpackedSize,
  }))
  return { ...fakeImage, id, layers: records }
}

test('LayerUses counts each layer once, and knows which ones are shared', () => {
  const images = [image('a', { base: 100, own: 20 }), image('b', { base: 100, other: 3 }), image('c', { lone: 1 })]
  const uses = new LayerUses(images)
  assert.equal(uses.totalBytes, 124)
  assert.deepEqual(
    images.map((each) => uses.sharedBytes(each)),
    [100, 100, 0],
  )
  const { SharedSize, Containers } = imageUsage(images[0]!, uses, 2, '1.44')
  assert.deepEqual([SharedSize, Containers], [100, 2])
  assert.equal(new LayerUses([image('d', { twice: 5 }), image('d', { twice: 5 })]).totalBytes, 5)
})
