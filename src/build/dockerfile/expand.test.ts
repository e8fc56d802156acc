import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expandWord } from './expand.ts'

test('expandWord() puts variables in, and takes quotes off', () => {
  const values: Record<string, string> = { A: 'x', EMPTY: '' }
  const rows: [string, string][] = [
    ['%A', 'x'],
    ['a%{A}b', 'axb'],
    ['%NONE', ''],
    ['%{NONE:-%{A}y}', 'xy'],
    ['%{EMPTY:-d}', 'd'],
    ['%{EMPTY-d}', ''],
    ['%{A:+set}', 'set'],
    ['%{EMPTY:+set}', ''],
    ['%{EMPTY+set}', 'set'],
    [String.raw`\%A`, '%A'],
    [`'%A'`, '%A'],
    ['"%A b"', 'x b'],
    ['%', '%'],
    ['%{', '%{'],
    ['%1', '%1'],
  ]
  for (const [word, wanted] of rows)
    assert.equal(
      expandWord(word, '\\', (name) => values[name]),
      wanted,
      word,
    )
})
