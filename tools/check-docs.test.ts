import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beginsWithSentence, brokenLinks, parseLayerTable, undocumented } from './check-docs.ts'

test('undocumented() names exports without a comment, or with one that is no sentence', () => {
  const text = [
    '/** Adds two numbers. */',
    'export function add(a: number, b: number): number',
    'export function add(a: string, b: string): string',
    '/** internal helper */',
    'export const helper = 1',
    'export interface Bare {}',
    'const own = 2',
  ].join('\n')
  assert.deepEqual(undocumented('a.ts', text), [
    'a.ts:5: the comment of helper does not begin with a sentence',
    'a.ts:6: Bare has no doc comment',
  ])
})

test('beginsWithSentence() reads over line breaks and stars', () => {
  assert.equal(beginsWithSentence('\n * One wire,\n * two ends.\n *\n * more\n '), true)
  assert.equal(beginsWithSentence(' One wire, two ends '), false)
})

test('brokenLinks() follows relative links only, and none in code', () => {
  const text = '[a](layers.ts) [b](nowhere.md#part) [c](https://example.org/x) `[d](gone.md)` [e](#here)'
  assert.deepEqual(brokenLinks('tools/x.md', text), ['tools/x.md: the link to nowhere.md#part leads nowhere'])
})

test('parseLayerTable() reads the table that ARCHITECTURE.md shows', () => {
  const text = '# x\n\n| folder | may import |\n|---|---|\n| base | — |\n| wire | base kernel |\n\nrest'
  assert.deepEqual(parseLayerTable(text), { base: [], wire: ['base', 'kernel'] })
})
