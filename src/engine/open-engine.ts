import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { rfc3339Now } from '../base/clock.ts'
import { createId } from '../base/id.ts'
import type { Log } from '../base/log.ts'
import type { Builder } from '../build/builder.ts'
import { type BuilderOptions, openBuilder } from '../build/open-builder.ts'
import type { Containers } from '../container/containers.ts'
import { openContainers } from '../container/open-containers.ts'
import { openImages } from '../image/open-images.ts'
import { readCgroupAbilities } from '../kernel/cgroups/cgroup-abilities.ts'
import { ensureUsableCgroups } from '../kernel/cgroups/cgroups.ts'
import { lockFile } from '../kernel/files/file-lock.ts'
import { NetworkNamespace } from '../kernel/namespace.ts'
import { Poller } from '../kernel/poller.ts'
import { openNetworking } from '../network/open-networking.ts'
import { openSqliteStore } from '../store/sqlite-store.ts'
import type { Store, StoredRecord } from '../store/store.ts'
import { openVolumes } from '../volume/open-volumes.ts'
import type { EngineConfig } from './config.ts'
import { examineHost, shadowChecks } from './doctor.ts'
import type { Engine } from './engine.ts'
import { containerAttributes, networkAttributes, reloadAttributes } from './event-attributes.ts'
import { EventLog } from './event-log.ts'
import { EventStore } from './event-store.ts'
import { readFacts } from './facts.ts'
import { readHostState } from './host-state.ts'
import { imageSettings } from './image-settings.ts'
import { joinCluster } from './join-cluster.ts'
import { Metrics } from './metrics/metrics.ts'

/** Control group below which every container has its own. */
const cgroupParent = '/wharf'

/** The resolver is this same program; it is started when none answers. */
const resolverCommand = [process.execPath, join(import.meta.dirname, '../main.ts'), 'resolver']

/** The engine, and what its owner may do besides. */
export interface OpenedEngine extends Engine {
  /** Makes the reloadable settings of `next` count; see `planReload`. */
  reconfigure(next: EngineConfig): void
}

/**
 * Builds the engine: every part once, in the order in which they need each other, and recovers what the last one left.
 *
 * Disposing of it lets go: containers, names and ports go on without an engine.
 *
 * @throws {EngineError} `conflict` when another engine has the data root
 */
export async function openEngine(config: EngineConfig, log: Log): Promise<OpenedEngine> {
  await using undo = new AsyncDisposableStack()
  const ground = openGround(config, log, undo)
  let current = config
  const events = new EventLog(undo.use(new EventStore(ground.store, log.child('events'))))
  const parts = await openParts(config, () => current, { ground, events, log }, undo)
  const { images, cluster, networks, volumes, containers, builder } = parts
  await recover(parts)
  const resources = undo.move()
  return {
    get config() {
      return current
    },
    reconfigure(next) {
      current = next
      events.publish('daemon', 'reload', ground.facts.id, reloadAttributes(next))
    },
    containers,
    images,
    networks,
    volumes,
    builder,
    cluster,
    ...openNews(ground, events, { containers, networks }),
    examineHost: () => [...examineHost(ground.hostNamespace), ...shadowChecks(networks.shadows())],
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** @param current  the settings as they are now: those that can be reloaded may have changed */
async function openParts(
  config: EngineConfig,
  current: () => EngineConfig,
  { ground, events, log }: { readonly ground: Ground; readonly events: EventLog; readonly log: Log },
  undo: AsyncDisposableStack,
) {
  const images = openImageStore(config, { ...ground, events, log }, current)
  const cluster = await joinCluster(config, ground, undo, log.child('cluster'))
  const networks = openNetworking({
    ...ground,
    cluster,
    config: current,
    execRoot: config.execRoot,
    engineId: ground.facts.id,
    resolverCommand,
    log: log.child('network'),
    onEvent: (event) => events.publish('network', event.action, event.network.id, networkAttributes(event)),
  })
  undo.defer(() => networks.close())
  const volumes = openVolumes({
    ...{ ...config, ...ground, log: log.child('volume') },
    usersOf: (name) => containers.usersOfVolume(name),
    publish: (action, name, attributes) => events.publish('volume', action, name, attributes),
  })
  const containers = openContainers({
    ...ground,
    ...config,
    cgroupParent,
    images,
    volumes,
    networking: networks,
    log: log.child('container'),
    publish: (action, record, more) =>
      events.publish('container', action, record.id, containerAttributes(record, more)),
  })
  undo.defer(() => containers.close())
  const builder = openBuild(config, { images, networking: networks, containers, log: log.child('build') }, undo)
  return { images, cluster, networks, volumes, containers, builder }
}

/** What the engine tells of itself and of what happens. */
function openNews(
  { facts: fixed, hostNamespace }: Ground,
  events: EventLog,
  parts: Pick<Engine, 'containers' | 'networks'>,
): Pick<Engine, 'publish' | 'events' | 'metrics' | 'facts' | 'hostState'> {
  const facts = once(() => readFacts(fixed))
  const metrics = new Metrics({ ...parts, events, facts })
  return {
    publish: (...event) => events.publish(...event),
    events: (range, signal) => events.read(range, signal),
    metrics: (more) => metrics.read(more),
    facts,
    hostState: () => readHostState(hostNamespace, events.listeners),
  }
}

function openBuild(
  { dataRoot, runtime }: EngineConfig,
  parts: Pick<BuilderOptions, 'images' | 'networking' | 'log'> & { readonly containers: Containers },
  undo: AsyncDisposableStack,
): Builder {
  const builder = openBuilder({
    ...parts,
    dir: join(dataRoot, 'build'),
    cgroupParent,
    findContainer: (reference) => parts.containers.find(reference),
    runtime,
    imageDir: join(dataRoot, 'images'),
  })
  undo.defer(() => builder.close())
  return builder
}

/** Finds again what the last engine left, in the order in which the parts need each other. */
async function recover(parts: Awaited<ReturnType<typeof openParts>>): Promise<void> {
  await parts.builder.recover()
  await parts.images.recover()
  await parts.networks.recover(await parts.containers.recover())
  await parts.containers.resume()
}

function openImageStore(
  { dataRoot }: EngineConfig,
  { store, events, log }: { readonly store: Store; readonly events: EventLog; readonly log: Log },
  current: () => EngineConfig,
): ReturnType<typeof openImages> {
  return openImages({
    store,
    dir: join(dataRoot, 'images'),
    log: log.child('image'),
    ...imageSettings(current),
    onEvent: (action, id, attributes) => events.publish('image', action, id, attributes),
  })
}

type Ground = ReturnType<typeof openGround>

/** What all parts stand on: directories, store, poller, namespace, control groups. */
function openGround({ dataRoot, execRoot, runtime }: EngineConfig, log: Log, undo: AsyncDisposableStack) {
  for (const dir of [dataRoot, execRoot]) mkdirSync(dir, { recursive: true, mode: 0o711 })
  undo.use(lockFile(join(dataRoot, 'lock')))
  const store = undo.use(openSqliteStore(join(dataRoot, 'wharf.db')))
  const cgroupMode = ensureUsableCgroups(log.child('cgroups'))
  return {
    store,
    poller: undo.use(new Poller()),
    hostNamespace: undo.use(NetworkNamespace.current()),
    cgroupMode,
    facts: {
      id: engineId(store),
      runtime,
      dataRoot,
      abilities: readCgroupAbilities(cgroupMode, cgroupParent),
      cgroupVersion: cgroupMode === 'unified' ? '2' : '1',
      warnings: [],
      startedAt: rfc3339Now(),
    } as const,
  }
}

/** Reads when first asked, and remembers. */
function once<T>(read: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined
  return () => (answer ??= read())
}

/** Which engine this is, kept for as long as its data root. */
function engineId(store: Store): string {
  const records = store.collection<StoredRecord & { readonly id: string }>('engine')
  const known = records.get('self')
  if (known !== undefined) return known.id
  const id = createId()
  records.put('self', { version: 1, id })
  return id
}
