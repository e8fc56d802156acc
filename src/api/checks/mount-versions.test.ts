import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mountsOfVersion } from './mount-versions.ts'

test('mountsOfVersion() leaves alone what clients of this version send', () => {
  const mounts = [{ Type: 'bind' as const, Source: '/a', Target: '/b', BindOptions: { ReadOnlyForceRecursive: true } }]
  assert.deepEqual(mountsOfVersion(mounts, '1.44'), mounts)
})

test('mountsOfVersion() takes from older clients what they can mean', () => {
  const options = { NonRecursive: true, CreateMountpoint: true }
  const bind = { Type: 'bind' as const, Source: '/a', Target: '/b', BindOptions: options }
  const optionsAt = (version: string) => mountsOfVersion([bind], version)[0]?.BindOptions
  assert.deepEqual(optionsAt('1.43'), { ...options, ReadOnlyNonRecursive: true })
  assert.deepEqual(optionsAt('1.41'), { NonRecursive: true, ReadOnlyNonRecursive: true })
  assert.deepEqual(optionsAt('1.39'), { ReadOnlyNonRecursive: true })
})

test('mountsOfVersion() refuses what came later', () => {
  const volume = { Type: 'volume' as const, Source: 'v', Target: '/b', VolumeOptions: { Subpath: 'a' } }
  assert.throws(() => mountsOfVersion([volume], '1.44'), { message: 'VolumeOptions.Subpath needs API v1.45 or newer' })
  const image = { Type: 'image' as const, Source: 'x', Target: '/b' }
  assert.throws(() => mountsOfVersion([image], '1.47'), { message: 'Mount type "Image" needs API v1.48 or newer' })
  const bind = { Type: 'bind' as const, Source: '/', Target: '/b', BindOptions: { ReadOnlyNonRecursive: true } }
  const message = 'BindOptions.ReadOnlyNonRecursive needs API v1.44 or newer'
  assert.throws(() => mountsOfVersion([bind], '1.43'), { kind: 'invalid-argument', message })
})
