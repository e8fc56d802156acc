import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeImage } from '../../test/support/api/fake-records.ts'
import { descends } from './descends.ts'

test('descends() compares layers from the bottom, and steps where there are no more layers', () => {
  const image = (id: string, layers: string, steps: number) => ({
    ...fakeImage,
    id,
    layers: [...layers].map((diffId) => ({ ...fakeImage.layers[0]!, diffId })),
    history: Array.from({ length: steps }, () => ({})),
  })
  const base = image('base', 'ab', 2)
  const cases = [
    [image('built', 'abc', 3), true],
    [image('labelled', 'ab', 3), true],
    [image('same', 'ab', 2), false],
    [image('other', 'acb', 3), false],
    [image('below', 'a', 9), false],
    [base, false],
  ] as const
  for (const [other, expected] of cases) assert.equal(descends(other, base), expected, other.id)
  assert.equal(descends(base, image('scratch', '', 0)), false)
})
