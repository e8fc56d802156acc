import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostConfig, RestartPolicy } from '../../protocol/container.ts'
import type { Limits } from '../../protocol/limits.ts'
import { mergeLimits } from './merge-limits.ts'

function merge(current: HostConfig, limits: Limits, restartPolicy?: RestartPolicy): HostConfig | string {
  try {
    return mergeLimits(current, { limits, restartPolicy })
  } catch (error) {
    return (error as Error).message
  }
}

test('mergeLimits() changes what is named, and nothing else', () => {
  const current: HostConfig = { CpuShares: 5, PidsLimit: 3, Privileged: true, RestartPolicy: { Name: 'always' } }
  assert.deepEqual(merge(current, {}), current)
  const nothing = { CpuShares: 0, Memory: 0, CpusetCpus: '', PidsLimit: null, BlkioDeviceReadBps: [] }
  assert.deepEqual(merge(current, nothing, { Name: '' }), current)
  const unlimitedSwap = { Memory: 3, MemorySwap: -1 }
  assert.deepEqual(merge(unlimitedSwap, { PidsLimit: 7 }), { ...unlimitedSwap, PidsLimit: 7 })
  assert.deepEqual(merge(current, { CpuQuota: -1, PidsLimit: 0 }, { Name: 'no' }), {
    ...current,
    CpuQuota: -1,
    PidsLimit: 0,
    RestartPolicy: { Name: 'no' },
  })
})

test("mergeLimits() refuses what does not go with what is set, in Docker's words", () => {
  const memory =
    'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time'
  assert.deepEqual(
    [
      merge({ CpuPeriod: 1000 }, { NanoCpus: 1e9 }),
      merge({ CpuQuota: 1000 }, { NanoCpus: 1e9 }),
      merge({ NanoCpus: 1e9 }, { CpuPeriod: 1000 }),
      merge({ NanoCpus: 1e9 }, { CpuQuota: 1000 }),
      merge({}, { Memory: 5 }),
      merge({ Memory: 3, MemorySwap: 4 }, { Memory: 5 }),
      merge({ Memory: 3, MemorySwap: 4 }, { Memory: 5, MemorySwap: 6 }),
      merge({ AutoRemove: true }, {}, { Name: 'always' }),
      merge({ AutoRemove: true }, {}, { Name: 'no' }),
    ],
    [
      'Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set',
      'Conflicting options: Nano CPUs cannot be updated as CPU Quota has already been set',
      'Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set',
      'Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set',
      memory,
      memory,
      { Memory: 5, MemorySwap: 6 },
      'Restart policy cannot be updated because AutoRemove is enabled for the container',
      { AutoRemove: true, RestartPolicy: { Name: 'no' } },
    ],
  )
})
