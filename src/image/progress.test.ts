import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matchDownloads } from './match-downloads.ts'
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

test('matchDownloads() pairs files and layers in order, and never a file with a smaller layer', () => {
  const layers = [
    { digest: 'small', size: 10, mediaType: '' },
    { digest: 'big', size: 1000, mediaType: '' },
  ]
  const first = matchDownloads(
    layers,
    [
      { inode: 1, bytes: 5 },
      { inode: 2, bytes: 5 },
    ],
    new Map(),
  )
  assert.deepEqual(
    [...first],
    [
      [1, 'small'],
      [2, 'big'],
    ],
  )
  const later = matchDownloads(
    layers,
    [
      { inode: 1, bytes: 50 },
      { inode: 2, bytes: 6 },
    ],
    first,
  )
  assert.deepEqual([...later], [[2, 'big']])
  const third = matchDownloads(layers.slice(1), [{ inode: 1, bytes: 60 }], later)
  assert.deepEqual([...third], [[1, 'big']])
})
