import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planNamespaces } from './namespaces.ts'

const facts = { network: '/run/netns/x', cgroupVersion: 1 } as const

function types(...args: Parameters<typeof planNamespaces>): string {
  return planNamespaces(...args)
    .map(({ type }) => type)
    .join(' ')
}

test('planNamespaces() makes new ones unless a mode says otherwise', () => {
  assert.equal(types({}, facts), 'mount network uts ipc pid')
  assert.equal(types({}, { ...facts, cgroupVersion: 2 }), 'mount network uts ipc pid cgroup')
  assert.equal(types({ CgroupnsMode: 'host' }, { ...facts, cgroupVersion: 2 }), 'mount network uts ipc pid')
  assert.equal(types({ CgroupnsMode: 'private' }, facts), 'mount network uts ipc pid cgroup')
  assert.equal(types({ PidMode: 'host', IpcMode: 'host', UTSMode: 'host' }, { ...facts, network: undefined }), 'mount')
})

test('planNamespaces() joins namespaces by path', () => {
  const planned = planNamespaces({ PidMode: 'container:x' }, { ...facts, pid: '/proc/7/ns/pid' })
  assert.deepEqual(
    planned.find(({ type }) => type === 'pid'),
    { type: 'pid', path: '/proc/7/ns/pid' },
  )
  const ipc = planNamespaces({ IpcMode: 'container:x' }, { ...facts, ipc: '/proc/7/ns/ipc' })
  assert.deepEqual(
    ipc.find(({ type }) => type === 'ipc'),
    { type: 'ipc', path: '/proc/7/ns/ipc' },
  )
  assert.deepEqual(
    planned.find(({ type }) => type === 'network'),
    { type: 'network', path: '/run/netns/x' },
  )
})
