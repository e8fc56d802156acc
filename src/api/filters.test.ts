import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anyOf, hasLabels, lacksLabels, matchesPattern, parseFilters, truthOf } from './filters.ts'

test('parseFilters() reads both forms', () => {
  assert.deepEqual(parseFilters('', ['name']), new Map())
  assert.deepEqual(parseFilters('{"name":["a","b"]}', ['name']), new Map([['name', ['a', 'b']]]))
  assert.deepEqual(parseFilters('{"name":{"a":true,"b":false}}', ['name']), new Map([['name', ['a']]]))
})

test('parseFilters() refuses what is no filter', () => {
  for (const text of ['{', '[]', '1', 'null', '{"name":1}', '{"name":[1]}']) {
    assert.throws(() => parseFilters(text, ['name']), { kind: 'invalid-argument', message: 'invalid filter' }, text)
  }
  assert.throws(() => parseFilters('{"nam":["a"]}', ['name']), { message: "invalid filter 'nam'" })
})

test('filters match values, labels, patterns and truths', () => {
  const filters = parseFilters('{"label":["a","b=1"],"dangling":["true"]}', ['label', 'dangling'])
  assert.equal(
    anyOf(filters, 'name', () => false),
    true,
  )
  assert.equal(hasLabels(filters, 'label', { a: 'x', b: '1' }), true)
  assert.equal(hasLabels(filters, 'label', { a: 'x', b: '2' }), false)
  assert.equal(lacksLabels(filters, 'label', { b: '2' }), true)
  assert.equal(lacksLabels(filters, 'label', { b: '1' }), false)
  assert.equal(truthOf(filters, 'dangling'), true)
  assert.throws(() => truthOf(parseFilters('{"d":["true","false"]}', ['d']), 'd'), { kind: 'invalid-argument' })
  assert.deepEqual(
    [matchesPattern('we', 'web'), matchesPattern('(', 'x('), matchesPattern('(', '(')],
    [true, false, true],
  )
})

test('matchesPattern() gives up on an expression that would take for ever', () => {
  assert.throws(() => matchesPattern('(\\w+)+!', 'a'.repeat(64)), { kind: 'invalid-argument' })
  assert.equal(matchesPattern('^(ab)+$', 'abab'), true)
})
