import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostConfig } from '../../protocol/container.ts'
import { type MountFacts, planMounts } from './mounts.ts'
import type { BindMount } from './user-mounts.ts'

const none = { user: { binds: [], tmpfs: [] }, files: {}, initPath: undefined }

function bind(source: string, target: string, more: Partial<BindMount> = {}): BindMount {
  const usual = { readOnly: false, propagation: 'rprivate', recursive: true, readOnlyBelow: 'if-possible' } as const
  return { source, target, ...usual, ...more }
}

function optionsOf(...args: Parameters<typeof bind>): readonly string[] | undefined {
  return plan({}, { ...none, user: { binds: [bind(...args)], tmpfs: [] } }).at(-1)?.options
}

function plan(hostConfig: HostConfig, facts: MountFacts, kernel = '6.1.0-30-amd64') {
  return planMounts(hostConfig, facts, kernel)
}

function destinations(...args: Parameters<typeof plan>): string[] {
  return plan(...args).map(({ destination }) => destination)
}

test('planMounts() gives every container the file systems of the kernel', () => {
  assert.deepEqual(destinations({}, none), [
    '/proc',
    '/dev',
    '/dev/pts',
    '/sys',
    '/sys/fs/cgroup',
    '/dev/mqueue',
    '/dev/shm',
  ])
  assert.ok(!destinations({ IpcMode: 'none' }, none).includes('/dev/shm'))
})

test('planMounts() sorts the mounts of the user, and lets them take the place of its own', () => {
  const user = { binds: [bind('/x', '/a/b/c'), bind('/x', '/a'), bind('/shm', '/dev/shm')], tmpfs: [] }
  const planned = plan({}, { ...none, user, files: { hosts: '/h/hosts' } })
  assert.deepEqual(planned.map(({ destination }) => destination).slice(-4), ['/a', '/etc/hosts', '/dev/shm', '/a/b/c'])
  assert.equal(planned.filter(({ destination }) => destination === '/dev/shm').length, 1)
})

test('planMounts() opens /sys for a privileged container only', () => {
  const accessOf = (...args: Parameters<typeof plan>) =>
    plan(...args)
      .find(({ destination }) => destination === '/sys')
      ?.options.at(-1)
  assert.equal(accessOf({}, none), 'ro')
  assert.equal(accessOf({ Privileged: true }, none), 'rw')
  assert.equal(accessOf({ Privileged: true, ReadonlyRootfs: true }, none), 'ro')
})

test('planMounts() binds network files and init, read-only with a read-only root', () => {
  const facts = { ...none, files: { hostname: '/c/hostname' }, initPath: '/usr/bin/catatonit' }
  assert.deepEqual(plan({ ReadonlyRootfs: true }, facts).slice(-2), [
    { destination: '/etc/hostname', type: 'bind', source: '/c/hostname', options: ['rbind', 'rprivate', 'ro'] },
    { destination: '/sbin/docker-init', type: 'bind', source: '/usr/bin/catatonit', options: ['bind', 'ro'] },
  ])
})

test('planMounts() keeps a tmpfs harmless unless the user says otherwise', () => {
  const user = { binds: [], tmpfs: [{ target: '/t', options: ['exec', 'size=1m'] }] }
  assert.deepEqual(plan({}, { ...none, user }).at(-1), {
    destination: '/t',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'nodev', 'rprivate', 'exec', 'size=1m'],
  })
})

test('planMounts() makes what is mounted below a read-only bind read-only, where it can be meant', () => {
  assert.deepEqual(optionsOf('/x', '/a', { readOnly: true }), ['rbind', 'rprivate', 'ro', 'rro'])
  assert.deepEqual(optionsOf('/x', '/a', { readOnly: true, readOnlyBelow: 'never' }), ['rbind', 'rprivate', 'ro'])
  assert.deepEqual(optionsOf('/x', '/a', { readOnly: true, recursive: false }), ['bind', 'private', 'ro'])
  assert.deepEqual(optionsOf('/x', '/a', { readOnly: true, propagation: 'rshared' }), ['rbind', 'rshared', 'ro'])
  const user = { binds: [bind('/x', '/a', { readOnly: true })], tmpfs: [] }
  assert.deepEqual(plan({}, { ...none, user }, '5.10.0').at(-1)?.options, ['rbind', 'rprivate', 'ro'])
})
