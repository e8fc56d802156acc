import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseLogLine } from './log-format.ts'

function parse(text: string) {
  const line = parseLogLine(Buffer.from(text))
  return line === undefined ? undefined : { ...line, bytes: Buffer.from(line.bytes).toString() }
}

const time = '2026-11-21T09:07:55.441463861'

test('parseLogLine() keeps the newline of a whole line and drops that of a part', () => {
  assert.deepEqual(parse(`${time}+00:00 stdout F a b\n`), {
    stream: 'stdout',
    time: `${time}Z`,
    bytes: 'a b\n',
    partial: false,
  })
  assert.deepEqual(parse(`${time}+01:00 stderr P a b\n`), {
    stream: 'stderr',
    time: `${time}+01:00`,
    bytes: 'a b',
    partial: true,
  })
  assert.equal(parse(`${time}Z stdout F \n`)?.bytes, '\n')
})

test('parseLogLine() refuses every other line', () => {
  for (const text of [
    '',
    '\n',
    'x',
    `${time} stdin F x\n`,
    `${time} stdout X x\n`,
    `${time} stdout Fx\n`,
    ' stdout F x\n',
  ]) {
    assert.equal(parse(text), undefined, text)
  }
})
