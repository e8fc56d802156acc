import assert from 'node:assert/strict'
import { test } from 'node:test'
import { abilitiesOfVersion1, abilitiesOfVersion2 } from '../../../test/support/abilities.ts'
import type { CgroupLimits } from './limits.ts'
import { cpuWeightOf, ioWeightOf } from './limits-v2.ts'
import { changedFiles, planLimitFiles } from './plan-limits.ts'
import { orderMemory } from './write-limits.ts'

const device = { major: 7, minor: 1 }
const limits: CgroupLimits = {
  memory: { limit: 100, swap: 150, reservation: 50, swappiness: 0 },
  cpu: { shares: 1024, quota: 20_000, period: 50_000, cpus: '0', mems: '0' },
  pids: { limit: 12 },
  blockIO: {
    weight: 500,
    weightDevice: [{ ...device, weight: 20 }],
    throttleReadBpsDevice: [{ ...device, rate: 1_000_000 }],
    throttleWriteIOPSDevice: [{ ...device, rate: 9 }],
  },
}

/** `file = value`, one each. */
const texts = (files: ReturnType<typeof planLimitFiles>) => files.map(({ name, value }) => `${name} = ${value}`)

test('planLimitFiles() translates every limit to version 1', () => {
  assert.deepEqual(texts(planLimitFiles(limits, abilitiesOfVersion1)), [
    'memory.limit_in_bytes = 100',
    'memory.memsw.limit_in_bytes = 150',
    'memory.soft_limit_in_bytes = 50',
    'memory.swappiness = 0',
    'cpu.shares = 1024',
    'cpu.cfs_period_us = 50000',
    'cpu.cfs_quota_us = 20000',
    'cpuset.cpus = 0',
    'cpuset.mems = 0',
    'pids.max = 12',
    'blkio.bfq.weight = 500',
    'blkio.bfq.weight_device = 7:1 20',
    'blkio.throttle.read_bps_device = 7:1 1000000',
    'blkio.throttle.write_iops_device = 7:1 9',
  ])
})

test('planLimitFiles() translates every limit to version 2: swap alone, weights of other ranges, one line for a device', () => {
  assert.deepEqual(texts(planLimitFiles(limits, abilitiesOfVersion2)), [
    'memory.max = 100',
    'memory.swap.max = 50',
    'memory.low = 50',
    'cpu.weight = 39',
    'cpu.max = 20000 50000',
    'cpuset.cpus = 0',
    'cpuset.mems = 0',
    'pids.max = 12',
    'io.weight = default 4950',
    'io.weight = 7:1 102',
    'io.max = 7:1 rbps=1000000 wiops=9',
  ])
  const unlimited = { memory: { limit: 100, swap: -1 }, cpu: { quota: -1 }, pids: { limit: 0 } }
  assert.deepEqual(texts(planLimitFiles(unlimited, abilitiesOfVersion2)), [
    'memory.max = 100',
    'memory.swap.max = max',
    'cpu.max = max 100000',
    'pids.max = max',
  ])
})

test('weights keep the ends of their ranges', () => {
  assert.deepEqual([1, 2, 1024, 262_144, 1e9].map(cpuWeightOf), [1, 1, 39, 10_000, 10_000])
  assert.deepEqual([10, 500, 1000].map(ioWeightOf), [1, 4950, 10_000])
})

test('changedFiles() has what differs, and unsets devices that have no limit any more', () => {
  for (const abilities of [abilitiesOfVersion1, abilitiesOfVersion2]) {
    const before = planLimitFiles(limits, abilities)
    assert.deepEqual(changedFiles(before, before), [])
    const after = planLimitFiles({ ...limits, pids: { limit: 13 } }, abilities)
    assert.deepEqual(texts(changedFiles(before, after)), ['pids.max = 13'])
  }
  const rates = (minor: number): CgroupLimits => ({
    blockIO: { throttleReadBpsDevice: [{ major: 7, minor, rate: 5 }] },
  })
  const [first, second] = [1, 2].map((minor) => planLimitFiles(rates(minor), abilitiesOfVersion1))
  assert.deepEqual(texts(changedFiles(first!, second!)), [
    'blkio.throttle.read_bps_device = 7:1 0',
    'blkio.throttle.read_bps_device = 7:2 5',
  ])
})

test('orderMemory() grows from the outside and shrinks from the inside', () => {
  const files = (limit: number, swap: number) => planLimitFiles({ memory: { limit, swap } }, abilitiesOfVersion1)
  const order = (limit: number, swap: number, current: string) =>
    orderMemory(files(limit, swap), () => current).map(({ value }) => value)
  assert.deepEqual(order(200, 300, '150'), ['300', '200'])
  assert.deepEqual(order(100, 120, '150'), ['100', '120'])
  assert.deepEqual(order(-1, -1, '150'), ['-1', '-1'])
})
