import assert from 'node:assert/strict'
import { test } from 'node:test'
import { preciseMillisecondsOf } from '../base/clock.ts'
import { flagOf, integerOf, listOf, momentOf, parseMoment, textOf } from './query.ts'

test('flagOf() reads truth as Docker does', () => {
  const truths = ['1', 'true', 'True', 'yes', '', '0', 'false', 'No', 'none'].map((value) =>
    flagOf({ all: value }, 'all'),
  )
  assert.deepEqual(truths, [true, true, true, true, false, false, false, false, false])
  assert.equal(flagOf({}, 'all'), false)
})

test('textOf() takes the last value, listOf() all of them', () => {
  assert.deepEqual([textOf({ a: ['1', '2'] }, 'a'), textOf({}, 'a')], ['2', ''])
  assert.deepEqual([listOf({ a: ['1', '2'] }, 'a'), listOf({ a: '1' }, 'a'), listOf({}, 'a')], [['1', '2'], ['1'], []])
})

test('integerOf() and momentOf() refuse what they cannot read', () => {
  assert.deepEqual([integerOf({ t: '-1' }, 't'), integerOf({}, 't')], [-1, undefined])
  assert.throws(() => integerOf({ t: '5s' }, 't'), { kind: 'invalid-argument' })
  assert.deepEqual(
    [
      momentOf({ since: '10.5' }, 'since'),
      momentOf({ since: '1970-01-01T00:00:01Z' }, 'since'),
      momentOf({ since: '0' }, 'since'),
    ],
    [10_500, 1000, undefined],
  )
  assert.throws(() => momentOf({ since: 'yesterday' }, 'since'), { kind: 'invalid-argument' })
})

test('parseMoment() comes to the same number for the same moment, however it is written', () => {
  const moments = ['1795284628.317969770', '2026-11-21T18:10:28.317969770Z', '2026-11-21T20:10:28.31796977+02:00']
  assert.deepEqual(new Set(moments.map(parseMoment)), new Set([preciseMillisecondsOf(moments[1]!)]))
  assert.ok(parseMoment('1795284628.317969770')! < parseMoment('1795284628.317970770')!)
})
