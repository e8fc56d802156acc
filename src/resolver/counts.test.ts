import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DnsCounts } from './counts.ts'

test('DnsCounts tells questions apart by type, and how they were answered', () => {
  const counts = new DnsCounts()
  counts.answered(1, 'own')
  counts.answered(28, 'nodata')
  counts.answered(65, 'cached')
  counts.answered(40_000, 'refused')
  counts.forwarded(1, 3, true)
  counts.forwarded(1, 9000, false)
  const { queries, answers, forwards } = counts.read()
  assert.deepEqual(queries, { A: 3, AAAA: 1, TYPE65: 1, other: 1 })
  assert.deepEqual(answers, { own: 1, nodata: 1, cached: 1, forwarded: 1, failed: 1, refused: 1 })
  assert.equal(forwards.sum, 9.003)
  const filled = forwards.counts.flatMap((count, i) => (count > 0 ? [forwards.bounds[i] ?? 'more'] : []))
  assert.deepEqual(filled, [0.005, 'more'])
})
