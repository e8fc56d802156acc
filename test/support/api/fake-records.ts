import { never } from '../../../src/base/clock.ts'
import type { ContainerRecord, ContainerState } from '../../../src/container/model.ts'
import type { SystemFacts } from '../../../src/engine/engine.ts'
import type { ImageRecord } from '../../../src/image/images.ts'
import type { NetworkRecord } from '../../../src/network/model.ts'

/** Of a container that runs. */
export const runningState: ContainerState = {
  status: 'running',
  pid: 42,
  conmonPid: 41,
  exitCode: 0,
  error: '',
  oomKilled: false,
  startedAt: '2026-01-01T00:00:01.000000000Z',
  finishedAt: never,
  restartCount: 0,
  stoppedByUser: false,
}

/** A container's record, with what a test says about it. */
export function fakeContainer(id: string, name: string, patch: Partial<ContainerRecord> = {}): ContainerRecord {
  return {
    version: 1,
    id: id.padEnd(64, '0'),
    name,
    created: '2026-01-01T00:00:00.000000000Z',
    imageReference: 'busybox:latest',
    imageId: 'sha256:1111',
    config: { Image: 'busybox:latest', Cmd: ['sh'], Env: ['PATH=/bin'], Labels: {} },
    hostConfig: { NetworkMode: 'bridge' },
    networks: { bridge: {} },
    state: runningState,
    ...patch,
  }
}

/** An image of one layer. */
export const fakeImage: ImageRecord = {
  version: 1,
  id: 'sha256:1111',
  repoTags: ['busybox:latest'],
  repoDigests: [],
  created: '2025-01-01T00:00:00Z',
  author: 'somebody',
  comment: '',
  architecture: 'amd64',
  os: 'linux',
  variant: '',
  config: { Cmd: ['sh'] },
  history: [
    { created: '2025-01-01T00:00:00Z', createdBy: 'ADD rootfs' },
    { createdBy: 'CMD sh', emptyLayer: true },
  ],
  layers: [{ diffId: 'sha256:2222', digest: 'sha256:3333', mediaType: 'x', size: 100, unpackedSize: 250 }],
  size: 250,
}

/** A network's record, with what a test says about it. */
export function fakeNetwork(id: string, name: string, patch: Partial<NetworkRecord> = {}): NetworkRecord {
  return {
    version: 1,
    id: id.padEnd(64, '0'),
    name,
    driver: 'bridge',
    scope: 'local',
    created: '2026-01-01T00:00:00.000000000Z',
    enableIPv4: true,
    enableIPv6: false,
    ipam: { driver: 'default', options: {}, configs: [{ subnet: '172.18.0.0/16', gateway: '172.18.0.1' }] },
    internal: false,
    attachable: false,
    options: {},
    labels: {},
    ...patch,
  }
}

/** What a host may say of itself. */
export const fakeFacts: SystemFacts = {
  id: 'fake',
  kernelVersion: '6.18.0',
  operatingSystem: 'Debian',
  osVersion: '12',
  architecture: 'x86_64',
  hostname: 'host',
  cpus: 2,
  memoryBytes: 1024,
  cgroupVersion: '2',
  abilities: {
    ...{ version: 2, memory: true, swap: true, reservation: true, swappiness: false, kernelMemory: false },
    ...{ oomKillDisable: false, cpuShares: true, cpuQuota: true, cpuRealtime: false, cpuset: true, pids: true },
    ...{ readBps: true, writeBps: true, readIops: true, writeIops: true, weightFile: undefined },
    ...{ weightDeviceFile: undefined, cpus: '0-1', mems: '0' },
  },
  fileSystem: 'extfs',
  engineVersion: '0.1.0',
  gitCommit: 'abc',
  buildTime: '',
  components: [{ name: 'crun', version: '1.8' }],
  warnings: [],
  startedAt: '2026-01-01T00:00:00Z',
}
