import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cachePruneLimit } from './cache-filter.ts'

const limit = (filters: Readonly<Record<string, readonly string[]>>) =>
  cachePruneLimit(new Map(Object.entries(filters)), 100_000_000)

test('cachePruneLimit() takes lengths of time and times, and finds nothing that has a label', () => {
  assert.equal(limit({}), undefined)
  assert.equal(limit({ until: ['1h30m'] }), 100_000_000 - 5_400_000)
  assert.equal(limit({ 'unused-for': ['10s'] }), 99_990_000)
  assert.equal(limit({ until: ['1970-01-01T00:00:05Z'] }), 5000)
  assert.equal(limit({ label: ['a=b'], until: ['1h'] }), 0)
  assert.equal(limit({ 'label!': ['a=b'] }), undefined)
})

test('cachePruneLimit() refuses what is no time, and two times', () => {
  assert.throws(() => limit({ until: ['soon'] }), {
    kind: 'invalid-argument',
    message: 'failed to parse value as time or duration: "soon"',
  })
  assert.throws(() => limit({ until: ['1h'], 'unused-for': ['2h'] }), { kind: 'invalid-argument' })
})
