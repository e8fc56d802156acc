import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Durations, Tally } from './meters.ts'

test('Tally counts by labels; without labels there is a number before anything happens', () => {
  const plain = new Tally({ name: 'a_total', help: 'A.' })
  assert.deepEqual(plain.read(), { name: 'a_total', help: 'A.', type: 'counter', samples: [{ labels: {}, value: 0 }] })
  const tally = new Tally({ name: 'b_total', help: 'B.', labels: ['verb', 'code'] })
  tally.add(['GET', '200'])
  tally.add(['GET', '200'], 2)
  tally.add(['PUT', ''])
  assert.deepEqual(tally.read().samples, [
    { labels: { verb: 'GET', code: '200' }, value: 3 },
    { labels: { verb: 'PUT', code: '' }, value: 1 },
  ])
})

test('Durations fills buckets that hold all that was no longer', async () => {
  const durations = new Durations({ name: 'c_seconds', help: 'C.', labels: ['what'] }, [0.1, 1])
  for (const seconds of [0.05, 0.1, 0.5, 3]) durations.observe(['x'], seconds)
  const numbers = durations.read().samples.map(({ labels, value, suffix }) => [suffix, labels['le'], value])
  assert.deepEqual(numbers, [
    ['_bucket', '0.1', 2],
    ['_bucket', '1', 3],
    ['_bucket', '+Inf', 4],
    ['_sum', undefined, 3.65],
    ['_count', undefined, 4],
  ])
  assert.equal(await durations.time(['y'], async () => 5), 5)
  await assert.rejects(durations.time(['z'], () => Promise.reject(new Error('no'))))
  const known = new Set(durations.read().samples.map(({ labels }) => labels['what']))
  assert.deepEqual([...known], ['x', 'y'])
})
