import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pace } from './pace.ts'

test('Pace lets so many through within a time, each thing by itself, and then says how long to wait', () => {
  const pace = new Pace({ times: 2, within: 1000 })
  assert.equal(pace.wait('one', 0), 0)
  pace.count('one', 0)
  pace.count('one', 100)
  assert.deepEqual([pace.wait('one', 300), pace.wait('other', 300)], [700, 0])
  assert.equal(pace.wait('one', 1000), 0)
})

test('Pace says once that somebody has to wait, and again after a quiet time', () => {
  const pace = new Pace({ times: 1, within: 1000 })
  pace.count('one', 0)
  assert.deepEqual([pace.wait('one', 1), pace.hold('one'), pace.hold('one')], [999, true, false])
  assert.equal(pace.wait('one', 1001), 0)
  assert.equal(pace.hold('one'), true)
})
