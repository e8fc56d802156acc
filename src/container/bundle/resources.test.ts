import assert from 'node:assert/strict'
import { test } from 'node:test'
import { abilitiesOfVersion1 } from '../../../test/support/abilities.ts'
import type { HostConfig } from '../../protocol/container.ts'
import { limitedDevices, planLimits, planResources } from './resources.ts'

const facts = { abilities: abilitiesOfVersion1, blockDevices: new Map([['/dev/sda', { major: 8, minor: 0 }]]) }
const mebi = 1024 * 1024

test('planLimits() has only the limits that were asked for', () => {
  const plan = (host: HostConfig) => planLimits(host, facts)
  assert.deepEqual(plan({}), {})
  assert.deepEqual(plan({ CpuShares: 0, PidsLimit: null, BlkioDeviceReadBps: [] }), {})
  assert.deepEqual(plan({ PidsLimit: -1 }), { pids: { limit: 0 } })
  assert.deepEqual(plan({ Memory: 64 * mebi }), { memory: { limit: 64 * mebi, swap: 128 * mebi } })
  assert.deepEqual(plan({ Memory: 64 * mebi, MemorySwap: -1 }), { memory: { limit: 64 * mebi, swap: -1 } })
  assert.deepEqual(plan({ NanoCpus: 1.5e9, CpusetCpus: '0-1', CpuShares: 512, PidsLimit: 20, BlkioWeight: 300 }), {
    cpu: { shares: 512, quota: 150_000, period: 100_000, cpus: '0-1' },
    pids: { limit: 20 },
    blockIO: { weight: 300 },
  })
})

test('planLimits() knows devices by their numbers', () => {
  const at = { Path: '/dev/sda' }
  const host = {
    BlkioWeightDevice: [{ ...at, Weight: 20 }],
    BlkioDeviceReadBps: [{ ...at, Rate: 1 }],
    BlkioDeviceWriteBps: [{ ...at, Rate: 2 }],
    BlkioDeviceReadIOps: [{ ...at, Rate: 3 }],
    BlkioDeviceWriteIOps: [{ ...at, Rate: 4 }],
  }
  const numbers = { major: 8, minor: 0 }
  assert.deepEqual(limitedDevices(host), Array(5).fill('/dev/sda'))
  assert.deepEqual(planLimits(host, facts).blockIO, {
    weightDevice: [{ ...numbers, weight: 20 }],
    throttleReadBpsDevice: [{ ...numbers, rate: 1 }],
    throttleWriteBpsDevice: [{ ...numbers, rate: 2 }],
    throttleReadIOPSDevice: [{ ...numbers, rate: 3 }],
    throttleWriteIOPSDevice: [{ ...numbers, rate: 4 }],
  })
})

test('planLimits() leaves out what this machine cannot limit', () => {
  const abilities = { ...abilitiesOfVersion1, swap: false, weightFile: undefined, swappiness: false }
  const host = { Memory: 64 * mebi, MemorySwap: 65 * mebi, BlkioWeight: 10, MemorySwappiness: 3 }
  assert.deepEqual(planLimits(host, { ...facts, abilities }), { memory: { limit: 64 * mebi } })
})

test('planResources() leaves weights, and the word that there is no limit, to the engine', () => {
  const { devices: _, ...rest } = planResources({}, [], { blockIO: { weight: 10 }, pids: { limit: 0 } })
  assert.deepEqual(rest, {})
})

test('planResources() denies devices first, and allows everything to a privileged container', () => {
  const own = { allow: true, type: 'c', major: 10, minor: 200, access: 'rw' } as const
  const { devices } = planResources({}, [own], {})
  assert.deepEqual(devices[0], { allow: false, access: 'rwm' })
  assert.deepEqual(devices.at(-1), own)
  assert.deepEqual(planResources({ Privileged: true }, [own], {}).devices, [{ allow: true, access: 'rwm' }])
})
