import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { createSecureContext } from 'node:tls'
import { EngineError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { EtcdOptions } from '../cluster/etcd/client.ts'
import { type ClusterSettings, parseClusterStore } from '../cluster/settings.ts'
import type { NetworkNamespace } from '../kernel/namespace.ts'
import { NetlinkSocket } from '../kernel/netlink/netlink-socket.ts'
import { sharedAddressing } from '../network/ipam/shared-addressing.ts'
import type { Store } from '../store/store.ts'
import { findAdvertised } from './advertise.ts'
import type { EngineConfig } from './config.ts'
import { engineVersion } from './facts.ts'

/** What joining a cluster needs of the engine. */
export interface ClusterGround {
  readonly store: Store
  readonly hostNamespace: NetworkNamespace
  /** The engine's id lasts as long as its data root: it is the node's id too. */
  readonly facts: { readonly id: string }
}

/**
 * Joins the cluster that the settings name; none: undefined. Etcd out of reach is no error, see `openCluster`.
 *
 * @param undo closes it
 * @throws {EngineError} `invalid-argument` for settings that cannot be; `conflict` for a copy of another machine
 */
export async function joinCluster(
  { clusterStore, clusterStoreOptions, clusterAdvertise }: EngineConfig,
  { store, hostNamespace, facts: { id } }: ClusterGround,
  undo: AsyncDisposableStack,
  log: Log,
): Promise<Cluster | undefined> {
  if (clusterStore === '') return undefined
  // Most engines are in no cluster: they do without its thirty modules.
  const { openCluster } = await import('../cluster/open-cluster.ts')
  const settings = parseClusterStore(clusterStore, clusterStoreOptions)
  using netlink = new NetlinkSocket(hostNamespace)
  const advertised = findAdvertised(netlink, clusterAdvertise)
  const { path, nodeName, leaseSeconds } = settings
  const cluster = await openCluster({
    self: { id, name: nodeName || hostname(), ...advertised },
    engineVersion,
    etcd: etcdOptions(settings),
    path,
    store,
    addressing: sharedAddressing(Buffer.from(id, 'hex')),
    log,
    ...(leaseSeconds !== undefined && { timing: { leaseSeconds } }),
  })
  undo.defer(() => cluster.close())
  return cluster
}

function etcdOptions({ members, files, user }: ClusterSettings): EtcdOptions {
  const tls = readTls(files)
  if (user === undefined) return { members, tls }
  const password = user.password ?? readText(user.passwordFile!).split('\n', 1)[0]!
  return { members, tls, user: { name: user.name, password } }
}

/** @throws {EngineError} `invalid-argument` for files that are none, or do not belong together */
function readTls(files: ClusterSettings['files']): EtcdOptions['tls'] {
  const tls: EtcdOptions['tls'] = Object.fromEntries(
    Object.entries(files).map(([name, path]) => [name, readText(path)]),
  )
  for (const name of ['ca', 'cert'] as const) {
    if (tls[name] !== undefined) attempt(`"${files[name]}" is no certificate`, () => new X509Certificate(tls[name]!))
  }
  attempt(`"${files.key}" does not go with "${files.cert}"`, () => createSecureContext(tls))
  return tls
}

function attempt(what: string, work: () => unknown): void {
  try {
    work()
  } catch (cause) {
    throw new EngineError('invalid-argument', `Cannot use the cluster store: ${what}: ${(cause as Error).message}`, {
      cause,
    })
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const why = (cause as Error).message
    throw new EngineError('invalid-argument', `Cannot use the cluster store: ${why}`, { cause })
  }
}
