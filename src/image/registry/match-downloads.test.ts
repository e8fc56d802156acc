import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matchDownloads } from './match-downloads.ts'

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
