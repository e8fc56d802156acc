import { EngineError } from '../../base/errors.ts'
import { createId } from '../../base/id.ts'
import type { Keys } from '../copy/keys.ts'
import { formatRecord, type NodeLife, parseClusterId, parseLife } from '../copy/records.ts'
import type { EtcdClient } from '../etcd/client.ts'
import type { Step } from '../etcd/codec.ts'
import { isLeaseNotFound } from '../etcd/errors.ts'
import type { ClusterSelf } from '../model.ts'

/** Somebody else is in the cluster under this node's id. */
export class NodeClash extends EngineError {
  constructor({ name, id }: ClusterSelf) {
    const what = `Cannot join the cluster as "${name}": another machine is in it with the same node id ${id.slice(0, 12)}`
    const remedy =
      'this one is a copy of it (a cloned machine); end the engine here, remove its data root, start it again'
    super('conflict', `${what}: ${remedy}`)
  }
}

/** The keys under our path are the data of another cluster than the one that this node was in. */
export class ForeignCluster extends EngineError {
  constructor(keys: Keys, member: string, found: string) {
    const where = `"${keys.root}" in etcd at ${member}`
    super(
      'conflict',
      `Cannot join the cluster: ${where} holds ${found}: name another kv.path, or another cluster store, or remove these keys`,
    )
  }
}

/**
 * Makes sure that the data in etcd is of the cluster that this node knows; a path that is empty becomes that cluster.
 *
 * @param known id of the data that this node knows; empty: none yet
 * @returns the id, and whether there was none: then all was lost, or nobody was here before
 */
export async function claimCluster(
  client: EtcdClient,
  keys: Keys,
  known: string,
  signal: AbortSignal,
): Promise<{ readonly dataId: string; readonly etcdId: string; readonly isNew: boolean }> {
  const id = known || createId()
  const answer = await client.txn(
    [{ key: keys.cluster, exists: false }],
    [{ put: keys.cluster, value: formatRecord('cluster', { id }) }],
    [{ get: keys.cluster }],
    signal,
  )
  const { clusterId: etcdId } = answer.header
  if (answer.succeeded) return { dataId: id, etcdId, isNew: true }
  const text = answer.reads[0]?.value ?? ''
  const found = parseClusterId(text)
  if (found === undefined) {
    throw new ForeignCluster(keys, client.members[0]!, `something else: ${JSON.stringify(text.slice(0, 60))}`)
  }
  if (known !== '' && found !== known) {
    const ids = `${found.slice(0, 12)}, this node was in ${known.slice(0, 12)}`
    throw new ForeignCluster(keys, client.members[0]!, `the data of another cluster (${ids})`)
  }
  return { dataId: found, etcdId, isNew: false }
}

/**
 * Registers the node, with a lease that says that it is alive.
 *
 * A record of the same boot is this machine's own, of an engine that ended; it is taken over.
 *
 * @returns the lease, and whether the node was registered before: if not, it is new, or was removed
 * @throws {NodeClash} when another machine keeps this node's lease
 */
export async function register(
  client: EtcdClient,
  keys: Keys,
  { self, life, ttl }: { readonly self: ClusterSelf; readonly life: NodeLife; readonly ttl: number },
): Promise<{ readonly lease: string; readonly wasRegistered: boolean }> {
  const lease = await client.grantLease(ttl)
  const key = keys.node(self.id)
  const steps: Step[] = [
    { get: keys.nodereg(self.id) },
    { put: key, value: formatRecord('life', life), lease },
    { put: keys.nodereg(self.id), value: formatRecord('registration', self) },
  ]
  const first = await client.txn([{ key, exists: false }], steps, [{ get: key }])
  if (first.succeeded) return { lease, wasRegistered: first.reads[0] !== undefined }
  const found = first.reads[0]
  const boot = parseLife(found?.value ?? '')?.boot
  if (boot === undefined || boot === life.boot) {
    const second = await client.txn([{ key, modRevision: found?.modRevision ?? 0 }], steps)
    if (second.succeeded) return { lease, wasRegistered: second.reads[0] !== undefined }
  }
  await forgetLease(client, lease)
  throw new NodeClash(self)
}

async function forgetLease(client: EtcdClient, lease: string): Promise<void> {
  try {
    await client.revokeLease(lease)
  } catch (error) {
    if (!isLeaseNotFound(error)) throw error
  }
}
