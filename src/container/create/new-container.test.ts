import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImageRecord } from '../../image/images.ts'
import { planContainer } from './new-container.ts'

const image = { id: 'sha256:abc', config: { Cmd: ['sh'] } } as unknown as ImageRecord
const chosen = {
  id: 'f'.repeat(64),
  name: 'brave_curie',
  created: '2026-01-01T00:00:00Z',
  cgroupns: 'private',
  logConfig: { Type: 'json-file', Config: {} },
}
const networkName = (name: string) => (name === 'a1b2' ? 'my_net' : name)
const plan = (hostConfig: object, endpoints = {}, config = {}) =>
  planContainer({ config: { Image: 'busybox', ...config }, hostConfig, endpoints }, image, chosen, networkName)

test('planContainer() puts a container on the default bridge, or on what it was given, by name', () => {
  assert.deepEqual(plan({}).networks, { bridge: {} })
  assert.deepEqual(plan({ NetworkMode: 'default' }, { default: { Aliases: ['x'] } }).networks, {
    bridge: { Aliases: ['x'] },
  })
  assert.deepEqual(plan({ NetworkMode: 'a1b2' }, { a1b2: { GwPriority: 1 }, other: {} }).networks, {
    my_net: { GwPriority: 1 },
    other: {},
  })
  assert.deepEqual(plan({ NetworkMode: 'container:x' }, { default: {} }).networks, {})
  assert.deepEqual(plan({ NetworkMode: 'host' }).networks, { host: {} })
})

test('planContainer() refuses a container with nothing to run', () => {
  const empty = { ...image, config: {} }
  assert.throws(() => planContainer({ config: {}, hostConfig: {}, endpoints: {} }, empty, chosen, networkName), {
    kind: 'invalid-argument',
    message: 'no command specified',
  })
})

test('planContainer() refuses to remove and restart one container', () => {
  assert.throws(() => plan({ AutoRemove: true, RestartPolicy: { Name: 'always' } }), {
    message: "can't create 'AutoRemove' container with restart policy",
  })
})

test('planContainer() says what is in force where the user said nothing', () => {
  const { IpcMode, ShmSize, LogConfig, CgroupnsMode } = plan({
    IpcMode: '',
    ShmSize: 0,
    CgroupnsMode: 'host',
  }).hostConfig
  assert.deepEqual(
    [IpcMode, ShmSize, LogConfig, CgroupnsMode],
    ['private', 67_108_864, { Type: 'json-file', Config: {} }, 'host'],
  )
})
