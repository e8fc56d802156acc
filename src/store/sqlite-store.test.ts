import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSqliteStore } from './sqlite-store.ts'

interface Thing {
  readonly version: 1
  readonly name: string
}

test('Collection keeps records in the order of their first put, and forgets what was deleted', () => {
  using store = openSqliteStore(':memory:')
  const things = store.collection<Thing>('thing')
  things.put('b', { version: 1, name: 'first' })
  things.put('a', { version: 1, name: 'second' })
  things.put('b', { version: 1, name: 'first again' })
  store.collection<Thing>('other').put('a', { version: 1, name: 'elsewhere' })
  assert.deepEqual(
    things.list().map(({ name }) => name),
    ['first again', 'second'],
  )
  things.delete('b')
  things.delete('b')
  assert.deepEqual([things.get('b'), things.get('a')], [undefined, { version: 1, name: 'second' }])
})

test('Store.transaction() makes all writes or none, nested ones included', () => {
  using store = openSqliteStore(':memory:')
  const things = store.collection<Thing>('thing')
  const attempt = () =>
    store.transaction(() => {
      things.put('a', { version: 1, name: 'a' })
      store.transaction(() => things.put('b', { version: 1, name: 'b' }))
      throw new Error('third step fails')
    })
  assert.throws(attempt, /third step fails/)
  assert.deepEqual(things.list(), [])
  assert.equal(
    store.transaction(() => 7),
    7,
  )
})

test('openSqliteStore() keeps its files to their owner, also those of an earlier engine', () => {
  const dir = mkdtempSync(join(tmpdir(), 'store-'))
  const modes = () => readdirSync(dir).map((name) => (statSync(join(dir, name)).mode & 0o777).toString(8))
  try {
    const path = join(dir, 'db')
    for (let start = 1; start <= 2; start++) {
      using store = openSqliteStore(path)
      store.collection<Thing>('thing').put('a', { version: 1, name: 'secret' })
      assert.deepEqual(modes(), ['600', '600', '600'])
      chmodSync(path, 0o644)
    }
  } finally {
    rmSync(dir, { recursive: true })
  }
})
