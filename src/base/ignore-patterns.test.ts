import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseIgnoreFile } from './ignore-patterns.ts'

test('parseIgnoreFile() matches as Go does, and the last line that matches decides', () => {
  const rows: [string, string, boolean][] = [
    ['a', 'a', true],
    ['a', 'b/a', false],
    ['a', 'a/b/c', true],
    ['/a/', 'a', true],
    ['./x/../a', 'a', true],
    ['*.log', 'x.log', true],
    ['*.log', 'd/x.log', false],
    ['**/*.log', 'x.log', true],
    ['**/*.log', 'd/e/x.log', true],
    ['d/**', 'd/e/f', true],
    ['d/**', 'd', false],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['[a-c]x', 'bx', true],
    ['[^a-c]x', 'bx', false],
    [String.raw`\*`, '*', true],
    [String.raw`\*`, 'x', false],
    ['#a', '#a', false],
    ['.', 'a', false],
    ['a.b', 'axb', false],
    ['*\n!keep', 'keep', false],
    ['*\n!keep', 'other', true],
    ['d\n!d/keep', 'd/keep', false],
    ['!a\na', 'a', true],
    ['\uFEFFa\r\nb', 'b', true],
  ]
  for (const [text, path, wanted] of rows) assert.equal(parseIgnoreFile(text)(path), wanted, `${text} ${path}`)
})
