import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseProcessorTime, readProcessorTime } from './processor-time.ts'

test('parseProcessorTime() adds up seven columns of the first line, and counts the processors', () => {
  const lines = [
    'cpu  1 2 3 4 5 6 7 800 900 1000',
    'cpu0 1 1 1 1 1 1 1 0 0 0',
    'cpu11 0 1 2 3 4 5 6 0 0 0',
    'intr 5 5',
    '',
  ]
  assert.deepEqual(parseProcessorTime(lines.join('\n')), { total: 280_000_000, processors: 2 })
})

test('readProcessorTime() never goes back', () => {
  const first = readProcessorTime()
  const second = readProcessorTime()
  assert.ok(first.total > 0 && second.total >= first.total)
  assert.equal(first.processors, second.processors)
})
