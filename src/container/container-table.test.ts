import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSqliteStore } from '../store/sqlite-store.ts'
import { ContainerTable } from './container-table.ts'
import { createdState } from './create/new-container.ts'
import type { ContainerRecord } from './model.ts'

const record: ContainerRecord = {
  version: 1,
  id: '0123456789ab'.padEnd(64, '0'),
  name: 'box',
  created: '',
  imageReference: 'busybox',
  imageId: '',
  config: {},
  hostConfig: {},
  networks: {},
  state: createdState,
}

test('findAgain() calls a container that is gone by the name that its user gave', () => {
  using store = openSqliteStore(':memory:')
  const table = new ContainerTable(store.collection('container'))
  table.put(record)
  assert.equal(table.findAgain(table.find('box').id, 'box'), record)
  table.delete(record.id)
  assert.throws(() => table.findAgain(record.id, 'box'), { kind: 'not-found', message: 'No such container: box' })
})
