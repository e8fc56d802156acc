import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMounts } from './mounts.ts'

test('parseMounts() reads optional fields, blanks in paths and super options', () => {
  const text = [
    '36 35 98:0 /mnt1 /mnt\\0402 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue',
    '40 31 0:33 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
    '',
  ].join('\n')
  assert.deepEqual(parseMounts(text), [
    {
      id: 36,
      parent: 35,
      root: '/mnt1',
      target: '/mnt 2',
      type: 'ext3',
      source: '/dev/root',
      options: ['rw', 'errors=continue'],
      propagation: { shared: true, slave: true },
    },
    {
      id: 40,
      parent: 31,
      root: '/',
      target: '/sys/fs/cgroup/cpu,cpuacct',
      type: 'cgroup',
      source: 'cgroup',
      options: ['rw', 'cpu', 'cpuacct'],
      propagation: { shared: false, slave: false },
    },
  ])
})

test('parseMounts() refuses a line that is cut off', () => {
  assert.throws(() => parseMounts('36 35 98:0 /mnt1\n'), RangeError)
})
