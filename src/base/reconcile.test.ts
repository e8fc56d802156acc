import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reconcileSet } from './reconcile.ts'

test('reconcileSet() adds, then removes, and a second run does nothing', async () => {
  const journal: string[] = []
  const actual = new Set(['a', 'b'])
  const diff = {
    key: (s: string) => s,
    add: async (s: string) => {
      journal.push(`+${s}`)
      actual.add(s)
    },
    remove: async (s: string) => {
      journal.push(`-${s}`)
      actual.delete(s)
    },
  }
  assert.deepEqual(await reconcileSet(['b', 'c'], [...actual], diff), { added: 1, removed: 1 })
  assert.deepEqual(journal, ['+c', '-a'])
  assert.deepEqual(await reconcileSet(['b', 'c'], [...actual], diff), { added: 0, removed: 0 })
})
