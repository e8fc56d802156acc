import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMoment } from './moments.ts'
import { parseReference, registryOf, withDefaultTag } from './reference.ts'
import { parseBytes, parseDuration, splitCsv } from './values.ts'

const nowMs = 1_795_256_690_250

test('parseMoment() reads seconds, a time ago, and RFC 3339', () => {
  assert.equal(parseMoment('1795256690', nowMs), '1795256690')
  assert.equal(parseMoment('1795256690.5', nowMs), '1795256690.5')
  assert.equal(parseMoment('1m30s', nowMs), '1795256600.250000000')
  assert.equal(parseMoment('2026-11-21T10:24:50.123456789Z', nowMs), '1795256690.123456789')
  assert.equal(parseMoment('2026-11-21T12:24:50+02:00', nowMs), '1795256690.000000000')
  assert.throws(() => parseMoment('yesterday', nowMs), /failed to parse value as time or duration: "yesterday"/)
})

test('parseReference() knows a tag from the port of a registry', () => {
  assert.deepEqual(parseReference('localhost:5000/a/b'), { name: 'localhost:5000/a/b', tag: '', digest: '' })
  assert.deepEqual(parseReference('localhost:5000/a:v1'), { name: 'localhost:5000/a', tag: 'v1', digest: '' })
  assert.deepEqual(parseReference('a@sha256:12'), { name: 'a', tag: '', digest: 'sha256:12' })
  assert.deepEqual(['a', 'a:v1', 'a@sha256:12'].map(withDefaultTag), ['a:latest', 'a:v1', 'a@sha256:12'])
  assert.deepEqual(['a', 'me/a', 'localhost/a', 'r.io/a', 'h:5000/a'].map(registryOf), [
    'docker.io',
    'docker.io',
    'localhost',
    'r.io',
    'h:5000',
  ])
})

test('parseBytes() and parseDuration() take the units that Docker takes', () => {
  assert.deepEqual(
    ['0', '12', '1k', '1kb', '1.5KiB', '2M', '1g', '-1'].map(parseBytes),
    [0, 12, 1024, 1024, 1536, 2097152, 1073741824, -1],
  )
  assert.deepEqual(['0', '1ns', '1.5s', '1h1m', '-2ms', '3us'].map(parseDuration), [0, 1, 1.5e9, 3660e9, -2e6, 3000])
  for (const bad of ['', 'x', '1 x', '1mm']) assert.throws(() => parseBytes(bad), /invalid size/)
  for (const bad of ['', 'x', '1', '1d', 's']) assert.throws(() => parseDuration(bad), /^Error: time: /)
})

test('splitCsv() keeps commas inside quotes', () => {
  assert.deepEqual(splitCsv('a,b'), ['a', 'b'])
  assert.deepEqual(splitCsv('a,"b,c","d""e"'), ['a', 'b,c', 'd"e'])
  assert.deepEqual(splitCsv('a,,b'), ['a', '', 'b'])
  assert.deepEqual(splitCsv('a,'), ['a', ''])
  assert.deepEqual(splitCsv('one'), ['one'])
})
