import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DetachScanner, parseDetachKeys } from './detach-keys.ts'

test('parseDetachKeys() reads letters and control keys', () => {
  assert.deepEqual([...parseDetachKeys('')], [16, 17])
  assert.deepEqual([...parseDetachKeys('ctrl-a,d')], [1, 100])
  assert.deepEqual([...parseDetachKeys('ctrl-@,ctrl-[,CTRL-Z')], [0, 27, 26])
  for (const bad of ['foo', 'ctrl-', 'ctrl-1', 'ab', 'a,,b']) {
    assert.throws(() => parseDetachKeys(bad), { message: `Invalid detach keys (${bad}) provided` })
  }
})

test('DetachScanner.feed() finds the keys across pieces and forwards everything else', () => {
  const type = (...pieces: number[][]) => {
    const scanner = new DetachScanner(Uint8Array.of(16, 17))
    return pieces.map((piece) => {
      const { forward, detached } = scanner.feed(Uint8Array.from(piece))
      return [...forward, ...(detached ? ['detached'] : [])]
    })
  }
  assert.deepEqual(type([1, 2, 3]), [[1, 2, 3]])
  assert.deepEqual(type([1, 16], [17, 5]), [[1], ['detached']])
  assert.deepEqual(type([16], [9]), [[], [16, 9]])
  assert.deepEqual(type([16, 16, 17]), [[16, 'detached']])
})
