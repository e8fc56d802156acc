import { EngineError } from '../base/errors.ts'
import { shortId } from '../base/id.ts'
import type { EndpointWriter } from './endpoint-writer.ts'
import type { EtcdClient } from './etcd/client.ts'
import type { Gate } from './gate.ts'
import { parseEndpoint } from './records.ts'
import type { State } from './state.ts'

/** What removing a node needs. */
export interface RemoveNodeParts {
  readonly client: EtcdClient
  readonly state: State
  readonly gate: Gate
  readonly writer: EndpointWriter
  readonly nodeId: string
}

/** Removes a node, and first all that it owned; see `Cluster.removeNode`. */
export async function removeNode(parts: RemoveNodeParts, id: string, force: boolean): Promise<void> {
  const { client, state, gate, writer, nodeId } = parts
  const { keys, nodes } = state
  const node = nodes.get(id)
  if (node === undefined) throw new EngineError('not-found', `node ${id} not found`)
  const cannot = `Cannot remove node "${node.name}" (${shortId(id)})`
  if (id === nodeId) throw new EngineError('invalid-argument', `${cannot}: it is this host; remove it from another one`)
  const alive = () => new EngineError('conflict', `${cannot}: it is alive; end its engine first, or force the removal`)
  await gate.run(`cannot remove node "${node.name}"`, async () => {
    const { reads } = await client.txn([], [{ get: keys.node(id) }])
    if (reads[0] !== undefined && !force) throw alive()
    const { kvs } = await client.list(...keys.eps())
    const owned = kvs.flatMap(({ value }) => parseEndpoint(value) ?? []).filter((one) => one.nodeId === id)
    for (const endpoint of owned) await writer.erase(endpoint)
    const { succeeded } = await client.txn(force ? [] : [{ key: keys.node(id), exists: false }], [
      { delete: keys.nodereg(id) },
      { delete: keys.node(id) },
    ])
    if (!succeeded) throw alive() // it came back meanwhile, and writes its endpoints again
  })
}
