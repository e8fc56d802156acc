import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCapabilityMask, planCapabilities } from './capabilities.ts'

const all = parseCapabilityMask('000001ffffffffff')
const defaults = planCapabilities({}, all)

test('planCapabilities() gives the usual fourteen', () => {
  assert.equal(
    defaults.map((name) => name.slice(4)).join(' '),
    'CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE NET_RAW SYS_CHROOT MKNOD AUDIT_WRITE SETFCAP',
  )
})

test('planCapabilities() adds and drops, with and without prefix', () => {
  const without = (...names: string[]) => defaults.filter((name) => !names.includes(name))
  const cases = [
    [{ CapAdd: ['NET_ADMIN'] }, all.filter((name) => defaults.includes(name) || name === 'CAP_NET_ADMIN')],
    [{ CapDrop: ['cap_mknod', 'NET_RAW'] }, without('CAP_MKNOD', 'CAP_NET_RAW')],
    [{ CapDrop: ['ALL'] }, []],
    [{ CapDrop: ['ALL'], CapAdd: ['CHOWN'] }, ['CAP_CHOWN']],
    [{ CapAdd: ['ALL'] }, all],
    [{ CapAdd: ['ALL'], CapDrop: ['SYS_ADMIN'] }, all.filter((name) => name !== 'CAP_SYS_ADMIN')],
    [{ CapAdd: ['CHOWN'], CapDrop: ['CHOWN'] }, defaults],
    [{ Privileged: true, CapDrop: ['ALL'] }, all],
  ] as const
  for (const [config, expected] of cases)
    assert.deepEqual(planCapabilities(config, all), expected, JSON.stringify(config))
})

test('planCapabilities() gives nothing that the engine does not have', () => {
  const few = ['CAP_CHOWN', 'CAP_KILL']
  assert.deepEqual(planCapabilities({}, few), few)
  assert.deepEqual(planCapabilities({ Privileged: true }, few), few)
  assert.throws(() => planCapabilities({ CapAdd: ['SYS_RESOURCE'] }, few), {
    kind: 'invalid-argument',
    message:
      'invalid CapAdd: capability not supported by your kernel or not available in the current environment: "CAP_SYS_RESOURCE"',
  })
})

test('planCapabilities() names the capability that does not exist', () => {
  assert.throws(() => planCapabilities({ CapAdd: ['x'] }, all), {
    message: 'invalid CapAdd: unknown capability: "CAP_X"',
  })
  assert.throws(() => planCapabilities({ CapDrop: ['CAP_Y'] }, all), {
    message: 'invalid CapDrop: unknown capability: "CAP_Y"',
  })
})

test('parseCapabilityMask() reads the bits of the kernel', () => {
  assert.deepEqual(parseCapabilityMask('0000000000000021\n'), ['CAP_CHOWN', 'CAP_KILL'])
})
