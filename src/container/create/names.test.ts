import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomName } from './names.ts'

test('randomName() makes names that a container may have', () => {
  const names = new Set(Array.from({ length: 500 }, randomName))
  for (const name of names) assert.match(name, /^[a-z]+_[a-z]+$/)
  assert.ok(names.size > 400, 'names repeat too often')
})
