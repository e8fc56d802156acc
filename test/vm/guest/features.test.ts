// Virtual machine: no modules
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { KernelFeatures } from '../../../src/kernel/host/features.ts'

test("KernelFeatures finds on Debian's kernel all that there is, loading modules as it goes", () => {
  const features = new KernelFeatures()
  const lacking = features.list().filter(({ supported }) => !supported)
  assert.deepEqual(lacking, [])
  assert.equal(features.kernelVersion, execFileSync('uname', ['-r'], { encoding: 'utf8' }).trim())
  assert.equal(features.cgroupMode, 'unified')
})
