import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseUserMounts } from './bind-mounts.ts'
import { planMounts } from './mounts.ts'

const none = { user: parseUserMounts({}), files: {}, initPath: undefined }

function destinations(...args: Parameters<typeof planMounts>): string[] {
  return planMounts(...args).map(({ destination }) => destination)
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
  const user = parseUserMounts({ Binds: ['/x:/a/b/c', '/x:/a', '/shm:/dev/shm'] })
  const planned = planMounts({}, { ...none, user, files: { hosts: '/h/hosts' } })
  assert.deepEqual(planned.map(({ destination }) => destination).slice(-4), ['/etc/hosts', '/a', '/dev/shm', '/a/b/c'])
  assert.equal(planned.filter(({ destination }) => destination === '/dev/shm').length, 1)
})

test('planMounts() opens /sys for a privileged container only', () => {
  const accessOf = (...args: Parameters<typeof planMounts>) =>
    planMounts(...args)
      .find(({ destination }) => destination === '/sys')
      ?.options.at(-1)
  assert.equal(accessOf({}, none), 'ro')
  assert.equal(accessOf({ Privileged: true }, none), 'rw')
  assert.equal(accessOf({ Privileged: true, ReadonlyRootfs: true }, none), 'ro')
})

test('planMounts() binds network files and init, read-only with a read-only root', () => {
  const facts = { ...none, files: { hostname: '/c/hostname' }, initPath: '/usr/bin/catatonit' }
  assert.deepEqual(planMounts({ ReadonlyRootfs: true }, facts).slice(-2), [
    { destination: '/etc/hostname', type: 'bind', source: '/c/hostname', options: ['rbind', 'rprivate', 'ro'] },
    { destination: '/sbin/docker-init', type: 'bind', source: '/usr/bin/catatonit', options: ['bind', 'ro'] },
  ])
})

test('planMounts() keeps a tmpfs harmless unless the user says otherwise', () => {
  const user = parseUserMounts({ Tmpfs: { '/t': 'exec,size=1m' } })
  assert.deepEqual(planMounts({}, { ...none, user }).at(-1), {
    destination: '/t',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'nodev', 'rprivate', 'exec', 'size=1m'],
  })
})
