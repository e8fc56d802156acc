import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { overlaps, type Prefix, requirePrefix } from './prefix.ts'
import { PrefixIndex } from './prefix-index.ts'

const block = (text: string) => requirePrefix(text, 'block')

test('PrefixIndex.overlapping() finds what is around, equal, and inside', () => {
  const index = new PrefixIndex<string>()
  for (const text of ['0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '10.2.0.0/16', 'fd00::/48']) {
    index.put(text, block(text), text)
  }
  assert.deepEqual(index.overlapping(block('10.1.0.0/16')), ['0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24'])
  assert.deepEqual(index.overlapping(block('11.0.0.0/8')), ['0.0.0.0/0'])
  assert.deepEqual(index.overlapping(block('fd00:0:0:1::/64')), ['fd00::/48'])
  index.put('10.0.0.0/8', block('12.0.0.0/8'), 'moved')
  assert.deepEqual(index.overlapping(block('10.3.0.0/16')), ['0.0.0.0/0'])
})

test('PrefixIndex.overlapping() finds what a look at each would find, whatever came and went', () => {
  const prefix = fc
    .tuple(fc.nat(255), fc.nat(255), fc.integer({ min: 0, max: 32 }))
    .map(([a, b, length]) => block(`10.${a}.${b}.0/${length}`))
  const step = fc.record({ key: fc.nat(30).map(String), prefix: fc.option(prefix, { nil: undefined }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), prefix, (steps, asked) => {
      const index = new PrefixIndex<string>()
      const plain = new Map<string, Prefix>()
      for (const { key, prefix: to } of steps) {
        if (to === undefined) index.delete(key)
        else index.put(key, to, key)
        if (to === undefined) plain.delete(key)
        else plain.set(key, to)
      }
      const expected = [...plain].filter(([, one]) => overlaps(one, asked)).map(([key]) => key)
      assert.deepEqual(index.overlapping(asked).sort(), expected.sort())
    }),
  )
})
