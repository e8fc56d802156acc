import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { longest, nameSlowest, orderFiles } from './test-order.ts'

test('orderFiles() puts the longest first and leaves the others as they are', () => {
  const [first, second] = longest as [string, string]
  assert.deepEqual(orderFiles(['z', second, 'a', first]), [first, second, 'z', 'a'])
  const unknown = longest.filter((file) => !existsSync(file))
  assert.deepEqual(unknown, [], 'these are no files')
})

test('nameSlowest() names the slowest first', () => {
  const times = [
    { file: 'a', ms: 1400 },
    { file: 'b', ms: 61_600 },
    { file: 'c', ms: 3000 },
  ]
  assert.equal(nameSlowest(times, 2), 'b 62 s, c 3 s')
})
