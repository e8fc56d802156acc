import type { PassThrough } from 'node:stream'
import { silentLog } from '../../../src/base/log.ts'
import type { LogEntry } from '../../../src/container/containers.ts'
import type { ContainerRecord } from '../../../src/container/model.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import { EventLog } from '../../../src/engine/event-log.ts'
import { EventStore } from '../../../src/engine/event-store.ts'
import { parseConfig } from '../../../src/engine/parse-config.ts'
import type { ImageRecord } from '../../../src/image/images.ts'
import type { EndpointRecord, NetworkRecord, PublishedPort } from '../../../src/network/model.ts'
import { openSqliteStore } from '../../../src/store/sqlite-store.ts'
import { fakeBuilder } from './fake-builder.ts'
import { fakeContainers } from './fake-containers.ts'
import { fakeImages } from './fake-images.ts'
import { fakeNetworks } from './fake-networks.ts'
import { fakeFacts, fakeImage, fakeNetwork } from './fake-records.ts'
import type { FakeState } from './fake-state.ts'
import { fakeVolumes } from './fake-volumes.ts'

/** An engine that lives in memory, for tests of the API: its records are plain lists, its processes echo. */
export interface FakeEngine extends Engine {
  readonly records: ContainerRecord[]
  readonly networkRecords: NetworkRecord[]
  readonly endpoints: EndpointRecord[]
  readonly ports: Map<string, PublishedPort[]>
  readonly imageRecords: ImageRecord[]
  readonly logEntries: LogEntry[]
  /** What was asked, in order: `"start web"`, … */
  readonly journal: string[]
  /** Sessions that clients hold open. */
  readonly sessions: FakeSession[]
  /** Called with an exit code, they end the waits that clients are in. */
  readonly waiters: ((exitCode: number) => void)[]
  /** Thrown by the next call that has an effect. */
  nextFailure: unknown
}

/** The process's end of a session. */
export interface FakeSession {
  readonly stdout: PassThrough
  readonly stderr: PassThrough
  readonly stdin: PassThrough
  disposed: boolean
}

/** An empty engine with the networks bridge, host and none, and one image. */
export function createFakeEngine(): FakeEngine {
  const log = new EventLog(new EventStore(openSqliteStore(':memory:'), silentLog))
  const engine: FakeState = {
    config: parseConfig(undefined, { dataRoot: '/data' }),
    cluster: undefined,
    records: [],
    networkRecords: [
      fakeNetwork('b1', 'bridge'),
      fakeNetwork('b2', 'host', { driver: 'host' }),
      fakeNetwork('b3', 'none', { driver: 'null' }),
    ],
    endpoints: [],
    ports: new Map(),
    imageRecords: [fakeImage],
    logEntries: [],
    journal: [],
    sessions: [],
    waiters: [],
    nextFailure: undefined,
    publish: (type, action, id, attributes) => log.publish(type, action, id, attributes),
    events: (range, signal) => log.read(range, signal),
    metrics: async () => ({ contentType: 'text/plain', text: '' }),
    facts: async () => fakeFacts,
    hostState: () => ({ forwarding: true, openFiles: 7, eventListeners: log.listeners }),
    examineHost: () => [],
    async [Symbol.asyncDispose]() {},
  }
  return Object.assign(engine, {
    containers: fakeContainers(engine),
    networks: fakeNetworks(engine),
    images: fakeImages(engine),
    volumes: fakeVolumes(),
    builder: fakeBuilder(engine),
  })
}
