import { EngineError } from '../base/errors.ts'
import { shortId } from '../base/id.ts'
import { parseEndpoint } from './copy/records.ts'
import type { State } from './copy/state.ts'
import type { EndpointWriter } from './endpoints/endpoint-writer.ts'
import { releaseBlocks } from './endpoints/host-blocks.ts'
import type { EtcdClient } from './etcd/client.ts'
import type { Gate } from './session/gate.ts'

/** What removing a node needs. */
export interface RemoveNodeParts {
  readonly client: EtcdClient
  readonly state: State
  readonly gate: Gate
  readonly writer: EndpointWriter
  readonly nodeId: string
}

/** Removes a node, and all that it owned; see `Cluster.removeNode`. */
export async function removeNode(parts: RemoveNodeParts, id: string, force: boolean): Promise<void> {
  const { client, state, gate, writer, nodeId } = parts
  const { keys, nodes } = state
  const owned = () => state.view.ofNode(id)
  const name = nodes.get(id)?.name ?? shortId(id)
  // Without a registration it was removed before, by somebody who did not get to its end.
  if (nodes.get(id) === undefined && owned().length === 0) throw new EngineError('not-found', `node ${id} not found`)
  const cannot = `Cannot remove node "${name}" (${shortId(id)})`
  if (id === nodeId) throw new EngineError('invalid-argument', `${cannot}: it is this host; remove it from another one`)
  await gate.run(`cannot remove node "${name}"`, async () => {
    const [life, registration] = [keys.node(id), keys.nodereg(id)]
    const { succeeded, header } = await client.txn(force ? [] : [{ key: life, exists: false }], [
      { delete: registration },
      { delete: life },
    ])
    if (!succeeded)
      throw new EngineError('conflict', `${cannot}: it is alive; end its engine first, or force the removal`)
    // From now on it cannot write an endpoint without registering again: what is listed is all.
    const { kvs } = await client.list(...keys.eps())
    const endpoints = kvs.flatMap(({ value }) => parseEndpoint(value) ?? []).filter((one) => one.nodeId === id)
    for (const endpoint of endpoints) await writer.erase(endpoint)
    await releaseBlocks(client, keys, id)
    state.anticipate(header.revision, [
      [registration, undefined],
      [life, undefined],
    ])
  })
}
