import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseBytes, parseDuration, splitCsv } from './values.ts'

test('parseBytes() and parseDuration() take the units that Docker takes', () => {
  assert.deepEqual(
    ['0', '12', '1k', '1kb', '1.5KiB', '2M', '1g', '-1'].map(parseBytes),
    [0, 12, 1024, 1024, 1536, 2097152, 1073741824, -1],
  )
  assert.deepEqual(['0', '1ns', '1.5s', '1h1m', '-2ms', '3us'].map(parseDuration), [0, 1, 1.5e9, 3660e9, -2e6, 3000])
  for (const bad of ['', 'x', '1 x', '1mm']) assert.throws(() => parseBytes(bad), /invalid size/)
  for (const bad of ['', 'x', '1', '1d', 's']) assert.throws(() => parseDuration(bad), /^Error: time: /)
})

test('splitCsv() keeps commas inside quotes', () => {
  assert.deepEqual(splitCsv('a,b'), ['a', 'b'])
  assert.deepEqual(splitCsv('a,"b,c","d""e"'), ['a', 'b,c', 'd"e'])
  assert.deepEqual(splitCsv('a,,b'), ['a', '', 'b'])
  assert.deepEqual(splitCsv('a,'), ['a', ''])
  assert.deepEqual(splitCsv('one'), ['one'])
})
