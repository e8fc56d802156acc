import assert from 'node:assert/strict'
import { test } from 'node:test'
import { progressLine, renderSize } from './progress.ts'

test('progressLine() draws the bar that Docker draws', () => {
  const bar = (current: number, total: number) => progressLine('Downloading', 'a', current, total).progress
  assert.equal(bar(0, 1024), `[>${' '.repeat(50)}]       0B/1.024kB`)
  assert.equal(bar(512, 1024), `[${'='.repeat(25)}>${' '.repeat(25)}]     512B/1.024kB`)
  assert.equal(bar(1024, 1024), `[${'='.repeat(50)}>]  1.024kB/1.024kB`)
  assert.deepEqual(progressLine('Downloading', 'a', 5_000_000, 0), {
    status: 'Downloading',
    id: 'a',
    progressDetail: { current: 5_000_000 },
    progress: '     5MB',
  })
})

test('renderSize() prints four digits in decimal units', () => {
  const sizes = [0, 999, 1000, 1024, 65_536, 1_031_479, 123_456_789, 5e12].map(renderSize)
  assert.deepEqual(sizes, ['0B', '999B', '1kB', '1.024kB', '65.54kB', '1.031MB', '123.5MB', '5TB'])
})
