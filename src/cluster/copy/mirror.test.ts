import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSqliteStore } from '../../store/sqlite-store.ts'
import type { Store } from '../../store/store.ts'
import { Mirror } from './mirror.ts'

const root = '/wharf/test/'

/** A copy of two keys, as an engine leaves it. */
function openCopy(): Store {
  const store = openSqliteStore(':memory:')
  using mirror = new Mirror(store, root)
  mirror.learn({ dataId: 'd', etcdId: 'e', revision: 7 })
  const changes = ['one', 'two'].map((name) => ({ key: `${root}${name}`, before: undefined, after: name }))
  mirror.note(changes, 8)
  return store
}

function read(store: Store, path = root) {
  using mirror = new Mirror(store, path)
  return [mirror.facts.dataId, mirror.facts.revision, mirror.load().map(({ value }) => value)]
}

test('Mirror remembers what it was told, and nothing of a cluster with another path', () => {
  using store = openCopy()
  assert.deepEqual(read(store), ['d', 8, ['one', 'two']])
  assert.deepEqual(read(store, '/elsewhere/'), ['', 0, []])
})

test('Mirror forgets what a newer engine has written, or nobody', () => {
  const spoilt: readonly object[] = [{ version: 2 }, { revision: { high: 1 } }, { dataId: undefined }, { dead: 'all' }]
  for (const what of spoilt) {
    using store = openCopy()
    const facts = store.collection<{ version: number }>('cluster')
    facts.put('facts', { ...facts.get('facts')!, ...what })
    assert.deepEqual(read(store), ['', 0, []], JSON.stringify(what))
  }
  using store = openCopy()
  store.collection('cluster-key').put(`${root}one`, { version: 2 })
  assert.deepEqual(read(store), ['d', 8, ['two']])
})
