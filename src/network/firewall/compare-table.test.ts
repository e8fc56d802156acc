import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareTable, readTable } from './compare-table.ts'
import type { Element } from './elements.ts'

const set = (name: string, ...elem: unknown[]) => ({ set: { name, handle: 1, ...(elem.length > 0 && { elem }) } })
const rule = (chain: string, handle: number, comment: string) => ({ rule: { chain, handle, comment } })

const wanted: readonly Element[] = [
  { set: 'bridges', key: '"br-1"', comment: 'network a' },
  { set: 'trusted4', key: '"eth0" . 172.18.0.0/16' },
  { set: 'masquerade4', key: '172.20.0.1/32' },
  { set: 'own6', key: 'FD00:0::/64' },
  { set: 'published4_any', key: 'tcp . 80', data: '172.18.0.2 . 80', comment: 'container x' },
  { set: 'published4_range', key: 'tcp . 0.0.0.0/0 . 90-99', data: '172.18.0.2' },
]
const listed = [
  set('bridges', { elem: { val: 'br-1', comment: 'network a' } }),
  set('trusted4', { concat: ['eth0', { prefix: { addr: '172.18.0.0', len: 16 } }] }),
  set('masquerade4', '172.20.0.1'),
  set('own6', { prefix: { addr: 'fd00::', len: 64 } }),
  {
    map: {
      name: 'published4_any',
      elem: [[{ elem: { val: { concat: ['tcp', 80] } } }, { concat: ['172.18.0.2', 80] }]],
    },
  },
  {
    map: {
      name: 'published4_range',
      elem: [[{ concat: ['tcp', { prefix: { addr: '0.0.0.0', len: 0 } }, { range: [90, 99] }] }, '172.18.0.2']],
    },
  },
  rule('nat-output', 7, 'one'),
  rule('wharf-user', 8, 'mine'),
]
const { skeleton } = readTable(listed)

test('compareTable() finds no difference in what nft says of what we wrote, whatever handles it has', () => {
  const again = [rule('nat-output', 70, 'one'), rule('wharf-user', 71, 'another'), ...listed.slice(0, 6)]
  assert.deepEqual(compareTable(readTable(again), skeleton, wanted), { skeleton: [], missing: [], extra: [] })
})

test('compareTable() names what is missing, what leads elsewhere, what is too much, and what is not as it was', () => {
  const changed = [
    listed[5]!,
    set('bridges', { elem: { val: 'br-1' } }, 'eth0'),
    ...listed.slice(1, 3),
    { map: { name: 'published4_any', elem: [[{ concat: ['tcp', 80] }, { concat: ['172.18.0.9', 80] }]] } },
    rule('nat-output', 7, 'two'),
  ]
  assert.deepEqual(compareTable(readTable(changed), skeleton, wanted), {
    skeleton: ['set own6', 'chain nat-output'],
    missing: [wanted[3], wanted[4]],
    extra: ['bridges eth0'],
  })
})
