import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Mount } from '../../protocol/container.ts'
import type { ContainerMount } from '../model.ts'
import { plainMount } from './mount-wish.ts'
import { type MountSettings, planUserMounts } from './plan-user-mounts.ts'

const donor: readonly ContainerMount[] = [
  { ...plainMount, type: 'volume', name: 'v1', driver: 'local', target: '/a', mode: 'z', copiesUp: true },
  { ...plainMount, type: 'bind', source: '/s', target: '/b', readOnly: true, propagation: 'rprivate' },
]

function plan(hostConfig: MountSettings['hostConfig'], volumes: Readonly<Record<string, object>> = {}) {
  return planUserMounts({ config: { Volumes: volumes }, hostConfig }, () => donor)
}

/** What differs from a mount that says nothing. */
function planned(...args: Parameters<typeof plan>): object[] {
  const usual = new Map<string, unknown>(Object.entries(plainMount))
  return plan(...args).map(({ mount }) =>
    Object.fromEntries(Object.entries(mount).filter(([key, value]) => value !== usual.get(key))),
  )
}

function message(hostConfig: MountSettings['hostConfig']): string {
  try {
    plan(hostConfig)
  } catch (error) {
    assert.equal((error as { kind?: string }).kind, 'invalid-argument')
    return (error as Error).message
  }
  return 'nothing wrong'
}

test('planUserMounts() reads -v in all its forms', () => {
  const bind = { type: 'bind', propagation: 'rprivate', createsSource: true }
  assert.deepEqual(
    planned({ Binds: ['/a:/b', '/a//x/:/c/:ro,z', '/s:/t:rshared', 'data:/d', 'data:/e:nocopy,ro', '/f'] }),
    [
      { ...bind, source: '/a', target: '/b' },
      { ...bind, source: '/a/x', target: '/c', mode: 'ro,z', readOnly: true },
      { ...bind, source: '/s', target: '/t', mode: 'rshared', propagation: 'rshared' },
      { type: 'volume', name: 'data', target: '/d', copiesUp: true },
      { type: 'volume', name: 'data', target: '/e', mode: 'nocopy,ro', readOnly: true },
      { type: 'volume', target: '/f', copiesUp: true, anonymous: true },
    ],
  )
})

test('planUserMounts() reads --mount', () => {
  const Mounts: Mount[] = [
    { Type: 'bind', Source: '/m', Target: '/n', ReadOnly: true, BindOptions: { ReadOnlyNonRecursive: true } },
    { Type: 'volume', Source: 'v', Target: '/v', VolumeOptions: { NoCopy: true, Subpath: 'a/b', Labels: { x: 'y' } } },
    { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1024, Mode: 0o1777, Options: [['exec']] } },
    { Type: 'image', Source: 'busybox', Target: '/i', ImageOptions: { Subpath: 'a/../b' } },
  ]
  const bind = { type: 'bind', propagation: 'rprivate', source: '/m', target: '/n', readOnly: true }
  assert.deepEqual(planned({ Mounts }), [
    { ...bind, readOnlyBelow: 'never' },
    { type: 'volume', name: 'v', target: '/v', subpath: 'a/b' },
    { type: 'tmpfs', target: '/t', options: ['mode=1777', 'size=1024', 'exec'] },
    { type: 'image', name: 'busybox', target: '/i', readOnly: true, subpath: 'a/../b' },
  ])
  assert.deepEqual(plan({ Mounts })[1]?.volume, { labels: { x: 'y' } })
})

test('planUserMounts() lets the own mounts win over inherited ones, and the image fill the rest', () => {
  const image = { '/a': {}, '/c/': {}, '/m': {}, d: {} }
  const targets = (settings: MountSettings['hostConfig']) => plan(settings, image).map(({ mount }) => mount.target)
  assert.deepEqual(targets({ VolumesFrom: ['x:ro'], Binds: ['/own:/b'], Tmpfs: { '/m': '' } }), [
    '/a',
    '/b',
    '/c',
    '/d',
  ])
  assert.deepEqual(planned({ VolumesFrom: ['x:ro'] }), [
    { type: 'volume', name: 'v1', driver: 'local', target: '/a', readOnly: true },
    { type: 'bind', source: '/s', target: '/b', readOnly: true, propagation: 'rprivate' },
  ])
})

test('planUserMounts() refuses -v in the words of Docker', () => {
  const spec = (text: string) => `invalid volume specification: '${text}'`
  const root = "invalid specification: destination can't be '/'"
  const cases = [
    [':/b', spec(':/b')],
    ['/a:/b:ro:x', spec('/a:/b:ro:x')],
    ['/a:ro', spec('/a:ro')],
    ['/a:/b:ro,rw', 'invalid mode: ro,rw'],
    ['/a:/b:xyz', 'invalid mode: xyz'],
    ['/a:/b:z,Z', 'invalid mode: z,Z'],
    ['/a:', spec('/a:')],
    [
      'a:b',
      `${spec('a:b')}: invalid mount config for type "volume": invalid mount path: 'b' mount path must be absolute`,
    ],
    ['/a:/', `${spec('/a:/')}: invalid mount config for type "bind": ${root}`],
    ['a:/..', `${spec('a:/..')}: invalid mount config for type "volume": ${root}`],
    [
      'v:/x:shared',
      `${spec('v:/x:shared')}: invalid mount config for type "volume": field BindOptions must not be specified`,
    ],
  ] as const
  for (const [text, words] of cases) assert.equal(message({ Binds: [text] }), words, text)
  assert.equal(message({ Binds: ['/a:/b', '/c:/b/'] }), 'Duplicate mount point: /b')
  assert.equal(message({ Binds: ['/a:/b'], Tmpfs: { '/b': '' } }), 'Duplicate mount point: /b')
  assert.equal(message({ VolumesFrom: ['x:nocopy'] }), 'invalid mode: nocopy')
  assert.equal(message({ VolumesFrom: [''] }), 'volumes-from specification cannot be an empty string')
})

test('planUserMounts() refuses --mount and --tmpfs in the words of Docker', () => {
  const cases: readonly (readonly [Partial<Mount>, string])[] = [
    [{ Type: 'bind', Target: '/b' }, '"bind": field Source must not be empty'],
    [{ Type: 'bind', Source: 'x', Target: '/b' }, `"bind": invalid mount path: 'x' mount path must be absolute`],
    [{ Type: 'bind', Source: '/x', Target: '' }, '"bind": field Target must not be empty'],
    [
      { Type: 'bind', Source: '/x', Target: '/b', VolumeOptions: {} },
      '"bind": field VolumeOptions must not be specified',
    ],
    [{ Type: 'tmpfs', Source: 'x', Target: '/b' }, '"tmpfs": field Source must not be specified'],
    [{ Type: 'tmpfs', Target: '/b', TmpfsOptions: { Options: [['suid']] } }, '"tmpfs": invalid option: suid'],
    [
      { Type: 'volume', Target: '/b', ReadOnly: true },
      '"volume": must not set ReadOnly mode when using anonymous volumes',
    ],
    [
      { Type: 'volume', Source: 'v', Target: '/b', VolumeOptions: { Subpath: '../x' } },
      '"volume": subpath must be a relative path within the volume',
    ],
    [{ Type: 'image', Target: '/b' }, '"image": field Source must not be empty'],
    [
      { Type: 'image', Source: 'x', Target: '/b', ImageOptions: { Subpath: '../x' } },
      '"image": subpath must be a relative path within the volume',
    ],
    [
      { Type: 'volume', Source: 'v', Target: '/b', ImageOptions: {} },
      '"volume": field ImageOptions must not be specified',
    ],
    [{ Type: 'npipe' as 'bind', Source: 'x', Target: '/b' }, '"npipe": mount type unknown'],
  ]
  for (const [mount, words] of cases) {
    assert.equal(message({ Mounts: [mount as Mount] }), `invalid mount config for type ${words}`)
  }
  assert.equal(message({ Tmpfs: { '/t': 'size=1m,foo' } }), 'invalid tmpfs option "foo"')
  assert.equal(message({ Tmpfs: { t: '' } }), "invalid mount path: 't' mount path must be absolute")
})
