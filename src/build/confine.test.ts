import assert from 'node:assert/strict'
import { test } from 'node:test'
import { otherMounts } from './confine.ts'

test('otherMounts() finds what a build has nothing to do with', () => {
  const lines = [
    '22 1 254:0 / / rw - overlay overlay rw',
    '23 22 0:22 / /proc rw - proc proc rw',
    '24 22 0:23 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw',
    '25 22 254:1 / /var/lib/wharf rw - ext4 /dev/vdb rw',
    '26 25 254:2 / /var/lib/wharf/images rw shared:1 - ext4 /dev/vdc rw',
    '27 25 0:40 / /var/lib/wharf/containers/c1/rootfs rw - overlay overlay rw',
    '28 22 0:41 / /run rw - tmpfs tmpfs rw',
    '29 28 0:4 net:[1] /run/wharf/netns/n1 rw - nsfs nsfs rw',
    '30 28 0:4 net:[2] /run/wharf/netns/n2 rw - nsfs nsfs rw',
    String.raw`31 22 0:42 / /mnt/a\040disk rw - nfs host:/x rw`,
    '32 22 0:43 / /opt/other rw - overlay overlay rw',
    '33 22 254:3 / /usr/local rw - ext4 /dev/vdd rw',
    '',
  ]
  const needed = ['/var/lib/wharf/build/work/b1', '/var/lib/wharf/images', '/run/wharf/netns/n1']
  assert.deepEqual(otherMounts(lines.join('\n'), needed), [
    '/var/lib/wharf/containers/c1/rootfs',
    '/run/wharf/netns/n2',
    '/mnt/a disk',
    '/opt/other',
  ])
})
