import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { VolumeRecord } from '../../volume/model.ts'
import { parseFilters } from '../filters.ts'
import { volumeFilter, volumeFilterNames, volumePruneFilter, volumePruneFilterNames } from './volume-filter.ts'

const usual = { version: 1, driver: 'local', scope: 'local', created: '', labels: null, options: null } as const
const volumes: readonly VolumeRecord[] = [
  { ...usual, name: 'data' },
  { ...usual, name: 'old', labels: { tier: 'web' } },
  { ...usual, name: 'f00d', labels: { 'com.docker.volume.anonymous': '' } },
]

function listed(filters: object): string[] {
  const test = volumeFilter(parseFilters(JSON.stringify(filters), volumeFilterNames), (name) => name === 'data')
  return volumes.filter(test).map(({ name }) => name)
}

function pruned(filters: object, version = '1.51'): string[] {
  const test = volumePruneFilter(parseFilters(JSON.stringify(filters), volumePruneFilterNames), version)
  return volumes.filter(test).map(({ name }) => name)
}

test('volumeFilter() tests names, drivers, labels and use', () => {
  assert.deepEqual(listed({}), ['data', 'old', 'f00d'])
  assert.deepEqual(listed({ name: { '^o': true } }), ['old'])
  assert.deepEqual(listed({ driver: { nfs: true } }), [])
  assert.deepEqual(listed({ label: { tier: true } }), ['old'])
  assert.deepEqual(listed({ dangling: { true: true } }), ['old', 'f00d'])
  assert.deepEqual(listed({ dangling: { '0': true } }), ['data'])
  assert.throws(() => listed({ dangling: { perhaps: true } }), { message: "invalid filter 'dangling=[perhaps]'" })
})

test('volumePruneFilter() spares what has a name, but for old clients', () => {
  assert.deepEqual(pruned({}), ['f00d'])
  assert.deepEqual(pruned({ all: { true: true } }), ['data', 'old', 'f00d'])
  assert.deepEqual(pruned({}, '1.41'), ['data', 'old', 'f00d'])
  assert.deepEqual(pruned({ 'label!': { tier: true } }, '1.41'), ['data', 'f00d'])
  assert.deepEqual(pruned({ all: { '1': true }, label: { 'tier=web': true } }), ['old'])
})
