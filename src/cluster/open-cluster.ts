import type { Log } from '../base/log.ts'
import type { Store } from '../store/store.ts'
import type { Cluster } from './cluster.ts'
import { Keys } from './copy/keys.ts'
import { State } from './copy/state.ts'
import type { Addressing } from './endpoints/addressing.ts'
import { EndpointWriter } from './endpoints/endpoint-writer.ts'
import { Endpoints } from './endpoints/endpoints.ts'
import { HostBlocks } from './endpoints/host-blocks.ts'
import { OwnEndpoints } from './endpoints/own-endpoints.ts'
import { Reconciler } from './endpoints/reconciler.ts'
import { EtcdClient, type EtcdOptions } from './etcd/client.ts'
import type { ClusterSelf } from './model.ts'
import { Networks, type VniRange } from './networks.ts'
import { removeNode } from './remove-node.ts'
import { Secrets } from './secrets/secrets.ts'
import { readBoot } from './session/boot.ts'
import { Gate } from './session/gate.ts'
import { Session } from './session/session.ts'

/** What a cluster is opened with. */
export interface ClusterOptions {
  readonly self: ClusterSelf
  readonly engineVersion: string
  readonly etcd: EtcdOptions
  /** Of the keys, without slashes around it: `"wharf/default"`. Whoever has the same one is in the same cluster. */
  readonly path: string
  readonly store: Store
  readonly addressing: Addressing
  readonly log: Log
  /** Which running system this is; what Linux says, unless told. */
  readonly boot?: string
  /** 4096 to 2^24-1 unless told. */
  readonly vnis?: VniRange
  readonly timing?: ClusterTiming
}

/** How patient a node is. */
export interface ClusterTiming {
  /** Seconds that a node counts as alive without a word from it; 10 unless told. */
  readonly leaseSeconds?: number
  /** Milliseconds from then until it counts as dead; 30 000 unless told. */
  readonly graceMs?: number
  /** Milliseconds that the owners have to write again what an older backup lost; 5 000 unless told. */
  readonly holdMs?: number
  /** Milliseconds between two looks whether the watch has missed something; 30 000 unless told. */
  readonly auditMs?: number
}

const defaults = { leaseSeconds: 10, graceMs: 30_000, holdMs: 5_000, auditMs: 30_000 }

/**
 * Joins a cluster. Without etcd, it opens with what was last known, and joins when etcd is there.
 *
 * @throws {NodeClash} `conflict`: another machine has this node's id, this is a copy of it
 */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  await using undo = new AsyncDisposableStack()
  const parts = createParts(options, undo)
  const { state, session, own, networks, endpoints, reconciler, secrets } = parts
  undo.defer(() => reconciler.close())
  undo.use(state.listen((changes) => reconciler.follow(changes)))
  undo.defer(() => session.close())
  await session.open()

  const resources = undo.move()
  const { view, nodes } = state
  return {
    self: options.self,
    status: () => session.status,
    listen: (listener) => state.listen(listener),
    nodes: () => nodes.list(),
    node: (id) => nodes.get(id),
    removeNode: (id, { force = false } = {}) => removeNode(parts, id, force),
    networks: () => view.networks(),
    network: (id) => view.network(id),
    createNetwork: (draft) => networks.create(draft),
    removeNetwork: (id) => networks.remove(id),
    endpoints: (networkId) => view.endpoints(networkId),
    endpoint: (id) => view.endpoint(id),
    ownEndpoints: () => own.list().flatMap(({ state: is, endpoint }) => (is === 'releasing' ? [] : [endpoint])),
    quarantined: () =>
      own.list().flatMap(({ state: is, endpoint, reason }) => (is === 'quarantined' ? [{ endpoint, reason }] : [])),
    reserveEndpoint: (draft) => endpoints.reserve(draft),
    adoptEndpoint: (endpoint) => endpoints.adopt(endpoint),
    updateEndpoint: (id, names) => endpoints.update(id, names),
    releaseEndpoint: (id) => endpoints.release(id),
    secrets,
    settled: () => reconciler.settled(),
    close: () => resources.disposeAsync(),
  }
}

function createParts(options: ClusterOptions, undo: AsyncDisposableStack) {
  const { self, store, log, addressing } = options
  const { leaseSeconds: ttl, graceMs, holdMs, auditMs } = { ...defaults, ...options.timing }
  const client = undo.use(new EtcdClient(options.etcd))
  const state = undo.use(new State({ keys: new Keys(options.path), store, addressing, graceMs, holdMs, log }))
  const life = { boot: options.boot ?? readBoot(), engineVersion: options.engineVersion }
  const session: Session = new Session({
    ...{ client, state, self, life, ttl, auditMs, log },
    onList: (isOther) => reconciler.all(isOther),
    misses: (listed) => reconciler.misses(listed),
  })
  const gate = new Gate(session)
  const own = new OwnEndpoints(store, self.id)
  const writer = new EndpointWriter(client, state, () => session.rejoin())
  const vnis = options.vnis ?? { first: 4096, last: 2 ** 24 - 1 }
  const networks = new Networks({ client, state, gate, addressing, vnis, nodeId: self.id })
  const shared = { client, state, gate, own, writer, networks, nodeId: self.id, log }
  const reconciler: Reconciler = new Reconciler({ ...shared, onRemoved: () => session.rejoin() })
  const blocks = new HostBlocks({ client, keys: state.keys, addressing, nodeId: self.id })
  const endpoints = new Endpoints({ ...shared, reconciler, blocks })
  const secrets = new Secrets({ client, state, gate, nodeId: self.id })
  return { ...shared, session, reconciler, endpoints, secrets }
}
