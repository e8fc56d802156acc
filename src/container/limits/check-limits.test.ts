import assert from 'node:assert/strict'
import { test } from 'node:test'
import { abilitiesOfVersion1 } from '../../../test/support/abilities.ts'
import type { CgroupAbilities } from '../../kernel/cgroups/cgroup-abilities.ts'
import type { Limits } from '../../protocol/limits.ts'
import { parseSet } from './check-cpus.ts'
import { checkLimits } from './check-limits.ts'

const gibi = 2 ** 30
const at = { Path: '/dev/sda' }

function check(limits: Limits, able: Partial<CgroupAbilities> = {}, update = false) {
  return checkLimits(limits, { abilities: { ...abilitiesOfVersion1, ...able }, cpus: 2, update })
}

function refusal(limits: Limits, able?: Partial<CgroupAbilities>, update?: boolean): string {
  try {
    check(limits, able, update)
    return 'accepted'
  } catch (error) {
    return (error as Error).message
  }
}

test("checkLimits() refuses memory that nobody can have, in Docker's words", () => {
  assert.deepEqual(
    [
      refusal({ Memory: 5 }),
      refusal({ Memory: -1 }),
      refusal({ MemorySwap: gibi }),
      refusal({ MemorySwap: gibi }, {}, true),
      refusal({ Memory: gibi, MemorySwap: gibi - 1 }),
      refusal({ MemoryReservation: 5 }),
      refusal({ Memory: gibi, MemoryReservation: gibi + 1 }),
      refusal({ MemorySwappiness: 101 }),
      refusal({ MemorySwappiness: -1 }),
      refusal({ KernelMemory: 5 }),
    ],
    [
      'Minimum memory limit allowed is 6MB',
      'Minimum memory limit allowed is 6MB',
      'You should always set the Memory limit when using Memoryswap limit, see usage',
      'accepted',
      'Minimum memoryswap limit should be larger than memory limit, see usage',
      'Minimum memory reservation allowed is 6MB',
      'Minimum memory limit can not be less than memory reservation limit, see usage',
      'Invalid value: 101, valid memory swappiness range is 0-100',
      'accepted',
      'Minimum kernel memory limit allowed is 6MB',
    ],
  )
})

test("checkLimits() refuses CPUs that nobody can have, in Docker's words", () => {
  assert.deepEqual(
    [
      refusal({ NanoCpus: 3e9 }),
      refusal({ NanoCpus: 1e9, CpuPeriod: 1000 }),
      refusal({ NanoCpus: 1e9, CpuQuota: 1000 }),
      refusal({ NanoCpus: 1e9 }, { cpuQuota: false }),
      refusal({ CpuPeriod: 999 }),
      refusal({ CpuQuota: 999 }),
      refusal({ CpuQuota: -1 }),
      refusal({ CpusetCpus: '0-1' }),
      refusal({ CpusetCpus: '1,5' }),
      refusal({ CpusetCpus: 'x' }),
      refusal({ CpusetMems: '1' }),
      refusal({ CpusetMems: '1-0' }),
      refusal({ CpuRealtimeRuntime: 10 }, { cpuRealtime: false }),
      refusal({ CpuRealtimeRuntime: 10, CpuRealtimePeriod: 5 }),
    ],
    [
      'range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available',
      'Conflicting options: Nano CPUs and CPU Period cannot both be set',
      'Conflicting options: Nano CPUs and CPU Quota cannot both be set',
      'NanoCPUs can not be set, as your kernel does not support CPU CFS scheduler or the cgroup is not mounted',
      'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)',
      'CPU cfs quota can not be less than 1ms (i.e. 1000)',
      'accepted',
      'accepted',
      'Requested CPUs are not available - requested 1,5, available: 0-1',
      'Invalid value x for cpuset cpus',
      'Requested memory nodes are not available - requested 1, available: 0',
      'Invalid value 1-0 for cpuset mems',
      'Your kernel does not support CPU real-time scheduler',
      'cpu real-time runtime cannot be higher than cpu real-time period',
    ],
  )
})

test('checkLimits() refuses block I/O that nobody can have', () => {
  assert.equal(refusal({ BlkioWeight: 5 }), 'Range of blkio weight is from 10 to 1000')
  assert.equal(
    refusal({ IOMaximumIOps: 1 }),
    'Invalid QoS settings: linux does not support Maximum IO Bandwidth or Maximum IO IOps',
  )
})

test('checkLimits() discards what this machine cannot limit, and says so', () => {
  const nothing: Partial<CgroupAbilities> = {
    ...{ memory: false, swap: false, reservation: false, swappiness: false, kernelMemory: false, pids: false },
    ...{ oomKillDisable: false, cpuShares: false, cpuQuota: false, cpuset: false, readBps: false, writeBps: false },
    ...{ readIops: false, writeIops: false, weightFile: undefined, weightDeviceFile: undefined },
  }
  const memory = { Memory: gibi, MemoryReservation: gibi, MemorySwappiness: 1, KernelMemory: gibi }
  const cpu = { CpuShares: 5, CpuQuota: 5000, CpusetCpus: '0', CpuPercent: 3 }
  const devices = {
    BlkioWeightDevice: [{ ...at, Weight: 20 }],
    BlkioDeviceReadBps: [{ ...at, Rate: 1 }],
    BlkioDeviceWriteBps: [{ ...at, Rate: 1 }],
    BlkioDeviceReadIOps: [{ ...at, Rate: 1 }],
    BlkioDeviceWriteIOps: [{ ...at, Rate: 1 }],
  }
  const asked = { ...memory, ...cpu, ...devices, OomKillDisable: true, PidsLimit: 5, BlkioWeight: 10 }
  const { limits, warnings } = check(asked, nothing)
  assert.deepEqual(limits, {
    ...{ Memory: 0, MemorySwap: -1, MemoryReservation: 0, MemorySwappiness: null, KernelMemory: 0 },
    ...{ CpuShares: 0, CpuQuota: 0, CpuPeriod: 0, CpusetCpus: '', CpusetMems: '', CpuPercent: 0 },
    ...{ BlkioWeightDevice: [], BlkioDeviceReadBps: [], BlkioDeviceWriteBps: [], BlkioDeviceReadIOps: [] },
    ...{ BlkioDeviceWriteIOps: [], OomKillDisable: null, PidsLimit: null, BlkioWeight: 0 },
  })
  assert.deepEqual(
    warnings.map((warning) => warning.replace(/^Your kernel does not support /, '')),
    [
      'memory limit capabilities or the cgroup is not mounted. Limitation discarded.',
      'memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.',
      'memory soft limit capabilities or the cgroup is not mounted. Limitation discarded.',
      'kernel memory limit capabilities or the cgroup is not mounted. Limitation discarded.',
      'OomKillDisable. OomKillDisable discarded.',
      'PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.',
      'CPU shares or the cgroup is not mounted. Shares discarded.',
      'CPU CFS scheduler. CPU period/quota discarded.',
      'linux does not support CPU percent. Percent discarded.',
      'cpuset or the cgroup is not mounted. Cpuset discarded.',
      'Block I/O weight or the cgroup is not mounted. Weight discarded.',
      'Block I/O weight_device or the cgroup is not mounted. Weight-device discarded.',
      'BPS Block I/O read limit or the cgroup is not mounted. Block I/O BPS read limit discarded.',
      'BPS Block I/O write limit or the cgroup is not mounted. Block I/O BPS write limit discarded.',
      'IOPS Block read limit or the cgroup is not mounted. Block I/O IOPS read limit discarded.',
      'IOPS Block write limit or the cgroup is not mounted. Block I/O IOPS write limit discarded.',
    ],
  )
})

test('checkLimits() warns of a container that cannot be ended for its memory, and has no limit', () => {
  assert.match(check({ OomKillDisable: true }).warnings[0] ?? '', /^OOM killer is disabled for the container, but no/)
  assert.deepEqual(check({ OomKillDisable: true, Memory: gibi }).warnings, [])
  assert.deepEqual(check({ OomKillDisable: false }, { oomKillDisable: false }), {
    limits: { OomKillDisable: null },
    warnings: [],
  })
})

test('parseSet() reads lists of numbers and ranges', () => {
  assert.deepEqual([...parseSet('0-2,5')!], [0, 1, 2, 5])
  assert.deepEqual([...parseSet('')!], [])
  for (const text of ['-', '1-', 'a', '2-1', '0-9999', '1,,2']) assert.equal(parseSet(text), undefined, text)
})
