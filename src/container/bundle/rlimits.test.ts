import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseOwnLimits, planRlimits } from './rlimits.ts'

test('parseOwnLimits() reads the limits of this process', () => {
  const own = parseOwnLimits(readFileSync('/proc/self/limits', 'utf8'))
  assert.equal(own.size, 15)
  assert.ok(own.get('nofile')! > 0)
})

test('planRlimits() never exceeds what the engine has', () => {
  const own = new Map([['nofile', 1000]])
  const ulimits = [
    { Name: 'nofile', Soft: 500, Hard: 5000 },
    { Name: 'core', Soft: -1, Hard: -1 },
  ]
  const core = { type: 'RLIMIT_CORE', soft: Infinity, hard: Infinity }
  assert.deepEqual(planRlimits(ulimits, own), {
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 500, hard: 1000 }, core],
    lowered: ['nofile'],
  })
  assert.deepEqual(planRlimits(ulimits, undefined), {
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 500, hard: 5000 }, core],
    lowered: [],
  })
})

test('planRlimits() refuses unknown names and soft limits above hard ones', () => {
  assert.throws(() => planRlimits([{ Name: 'x', Soft: 1, Hard: 1 }], undefined), { message: 'invalid ulimit type: x' })
  assert.throws(() => planRlimits([{ Name: 'cpu', Soft: 2, Hard: 1 }], undefined), {
    kind: 'invalid-argument',
    message: 'ulimit soft limit must be less than or equal to hard limit: 2 > 1',
  })
})
