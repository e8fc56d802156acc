import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planResources } from './resources.ts'

const support = { swap: true, blkioWeight: true }
const mebi = 1024 * 1024

test('planResources() writes only the limits that were asked for', () => {
  const plan = (host: Parameters<typeof planResources>[0]) => {
    const { devices: _, ...rest } = planResources(host, [], support).resources
    return rest
  }
  assert.deepEqual(plan({}), {})
  assert.deepEqual(plan({ PidsLimit: -1, CpuShares: 0, PidsLimit_: 0 } as never), {})
  assert.deepEqual(plan({ Memory: 64 * mebi }), { memory: { limit: 64 * mebi, swap: 128 * mebi } })
  assert.deepEqual(plan({ Memory: 64 * mebi, MemorySwap: -1 }), { memory: { limit: 64 * mebi, swap: -1 } })
  assert.deepEqual(plan({ NanoCpus: 1.5e9, CpusetCpus: '0-1', CpuShares: 512, PidsLimit: 20, BlkioWeight: 300 }), {
    cpu: { shares: 512, quota: 150_000, period: 100_000, cpus: '0-1' },
    pids: { limit: 20 },
    blockIO: { weight: 300 },
  })
})

test('planResources() tells what this kernel cannot keep', () => {
  const plan = planResources({ Memory: 64 * mebi, MemorySwap: 65 * mebi, BlkioWeight: 10 }, [], {
    swap: false,
    blkioWeight: false,
  })
  assert.deepEqual(plan.discarded, ['MemorySwap', 'BlkioWeight'])
  assert.deepEqual(plan.resources.memory, { limit: 64 * mebi })
  assert.equal(plan.resources.blockIO, undefined)
})

test('planResources() denies devices first, and allows everything to a privileged container', () => {
  const own = { allow: true, type: 'c', major: 10, minor: 200, access: 'rw' } as const
  const { devices } = planResources({}, [own], support).resources
  assert.deepEqual(devices[0], { allow: false, access: 'rwm' })
  assert.deepEqual(devices.at(-1), own)
  assert.deepEqual(planResources({ Privileged: true }, [own], support).resources.devices, [
    { allow: true, access: 'rwm' },
  ])
})
