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
  // Written with %, so that nobody takes them for templates.
  for (const [word, wanted] of rows) {
    const seen = expandWord(word.replaceAll('%', '$'), '\\', (name) => values[name])
    assert.equal(seen, wanted.replaceAll('%', '$'), word)
  }
})
