import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseHumanSize } from './human-size.ts'

test('parseHumanSize() counts in thousands', () => {
  const cases: [string, number][] = [
    ['512', 512],
    ['10b', 10],
    ['1k', 1000],
    ['1.5 kB', 1500],
    ['10m', 10_000_000],
    ['2GiB', 2_000_000_000],
  ]
  for (const [text, bytes] of cases) assert.equal(parseHumanSize(text), bytes, text)
})

test('parseHumanSize() refuses in the words of Docker', () => {
  const cases: [string, string][] = [
    ['', "invalid size: ''"],
    ['x', "invalid size: 'x'"],
    ['-1', "invalid size: '-1'"],
    ['1x', "invalid suffix: 'x'"],
    ['1kx', "invalid suffix: 'kx'"],
    ['1.2.3k', 'strconv.ParseFloat: parsing "1.2.3": invalid syntax'],
  ]
  for (const [text, message] of cases) assert.throws(() => parseHumanSize(text), { message }, text)
})
