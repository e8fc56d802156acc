import assert from 'node:assert/strict'
import { test } from 'node:test'
import { identify, parseProcessStat } from './processes.ts'

test('parseProcessStat() takes a command with blanks and brackets', () => {
  const fields = Array.from({ length: 49 }, (_, i) => String(i + 4))
  const text = `12 (a) b (c) S ${fields.join(' ')}\n`
  assert.deepEqual(parseProcessStat(text), {
    command: 'a) b (c',
    state: 'S',
    parent: 4,
    group: 5,
    terminal: 7,
    cpuTicks: 14 + 15,
    startTime: 22,
  })
})

test('identify() knows this process and nobody of number 0', () => {
  assert.equal(identify(process.pid)?.pid, process.pid)
  assert.equal(identify(0), undefined)
})
