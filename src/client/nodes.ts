import type { NodeInspect, NodeResource } from '../protocol/node.ts'
import type { Transport } from './transport.ts'

/** All hosts of the cluster. */
export function listNodes(transport: Transport): Promise<readonly NodeResource[]> {
  return transport.json({ method: 'GET', path: '/wharf/nodes' })
}

/** One host, by name, id, or the beginning of the id. */
export function inspectNode(transport: Transport, ref: string): Promise<NodeInspect> {
  return transport.json({ method: 'GET', path: at(ref) })
}

/** Removes a host that will not come back, and all that it held. */
export function removeNode(transport: Transport, ref: string, force: boolean): Promise<void> {
  return transport.send({ method: 'DELETE', path: at(ref), query: { force } })
}

function at(ref: string): string {
  return `/wharf/nodes/${encodeURIComponent(ref)}`
}
