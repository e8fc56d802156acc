import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseUserMounts } from './bind-mounts.ts'

test('parseUserMounts() reads the short and the long form', () => {
  const mounts = parseUserMounts({
    Binds: ['/a:/b', '/a//x/:/c/:ro,z', '/s:/t:rshared'],
    Mounts: [
      { Type: 'bind', Source: '/m', Target: '/n', ReadOnly: true, BindOptions: { Propagation: 'slave' } },
      { Type: 'tmpfs', Target: '/run', TmpfsOptions: { SizeBytes: 1024, Mode: 0o1777 } },
    ],
    Tmpfs: { '/tmp': 'size=64m,exec', '/var/tmp': '' },
  })
  assert.deepEqual(mounts, {
    binds: [
      { source: '/a', target: '/b', readOnly: false, propagation: 'rprivate', createSource: true },
      { source: '/a/x/', target: '/c', readOnly: true, propagation: 'rprivate', createSource: true },
      { source: '/s', target: '/t', readOnly: false, propagation: 'rshared', createSource: true },
      { source: '/m', target: '/n', readOnly: true, propagation: 'slave', createSource: false },
    ],
    tmpfs: [
      { target: '/tmp', options: ['size=64m', 'exec'] },
      { target: '/var/tmp', options: [] },
      { target: '/run', options: ['size=1024', 'mode=1777'] },
    ],
  })
})

test('parseUserMounts() refuses what cannot be in the words of Docker', () => {
  const cases = [
    [{ Binds: ['/a'] }, "invalid volume specification: '/a'"],
    [{ Binds: ['/a:/b:ro:x'] }, "invalid volume specification: '/a:/b:ro:x'"],
    [{ Binds: ['/a:/b:ro,rw'] }, 'invalid mode: ro,rw'],
    [{ Binds: ['/a:/b:xyz'] }, 'invalid mode: xyz'],
    [{ Binds: ['/a:b'] }, "invalid volume specification: '/a:b': invalid mount path: 'b' mount path must be absolute"],
    [{ Binds: ['/a:/'] }, "invalid specification: destination can't be '/'"],
    [{ Binds: ['/a:/b', '/c:/b/'] }, 'Duplicate mount point: /b'],
    [
      { Mounts: [{ Type: 'bind' as const, Target: '/b' }] },
      'invalid mount config for type "bind": field Source must not be empty',
    ],
  ] as const
  for (const [config, message] of cases) {
    assert.throws(() => parseUserMounts(config), { kind: 'invalid-argument', message }, JSON.stringify(config))
  }
})

test('parseUserMounts() says that named volumes are not there', () => {
  assert.throws(() => parseUserMounts({ Binds: ['data:/b'] }), { kind: 'not-implemented', message: /"data"/ })
})
