import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSignal } from './signals.ts'

test('parseSignal() takes numbers and names in every spelling', () => {
  const cases = [
    ['9', 9],
    ['KILL', 9],
    ['SIGKILL', 9],
    ['sigterm', 15],
    ['RTMIN', 34],
    ['SIGRTMIN+3', 37],
    ['SIGRTMAX-1', 63],
    ['64', 64],
  ] as const
  for (const [text, number] of cases) assert.equal(parseSignal(text), number, text)
})

test('parseSignal() refuses what is no signal in the words of Docker', () => {
  for (const text of ['', '0', '65', '-1', 'NOPE', '1.5', 'SIG', 'RTMIN+99']) {
    assert.throws(() => parseSignal(text), { kind: 'invalid-argument', message: `invalid signal: ${text}` })
  }
})
