import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMoment } from './moments.ts'

const nowMs = 1_795_256_690_250

test('parseMoment() reads seconds, a time ago, and RFC 3339', () => {
  assert.equal(parseMoment('1795256690', nowMs), '1795256690')
  assert.equal(parseMoment('1795256690.5', nowMs), '1795256690.5')
  assert.equal(parseMoment('1m30s', nowMs), '1795256600.250000000')
  assert.equal(parseMoment('2026-11-21T10:24:50.123456789Z', nowMs), '1795256690.123456789')
  assert.equal(parseMoment('2026-11-21T12:24:50+02:00', nowMs), '1795256690.000000000')
  assert.throws(() => parseMoment('yesterday', nowMs), /failed to parse value as time or duration: "yesterday"/)
})
