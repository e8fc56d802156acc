import type { Log } from '../../base/log.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { ClusterChange, ClusterNode, SharedEndpoint } from '../../cluster/model.ts'
import type { Elsewhere, RemoteEndpoint } from './elsewhere.ts'
import type { JoinedNetworks } from './joined-networks.ts'

/** Whom the changes are told to. */
export interface ClusterFollowing {
  readonly cluster: Cluster
  readonly elsewhere: Elsewhere
  readonly joined: JoinedNetworks
  readonly log: Log
  /** At once: the next request may name it. */
  readonly onNetworks: (change: Extract<ClusterChange, { type: 'network-added' | 'network-removed' }>) => void
  readonly onQuarantine: (endpoint: SharedEndpoint, reason: string) => Promise<void>
}

/**
 * Turns what changed in the cluster into work on this host, in the order in which it changed.
 *
 * Networks are taken up at once. The rest waits for the work before it, so that what was first is done first; a change
 * that fails is logged, and does not keep those after it.
 */
export class ClusterFollower implements Disposable {
  readonly #parts: ClusterFollowing
  readonly #listening: Disposable
  #work: Promise<void> = Promise.resolve()

  constructor(parts: ClusterFollowing) {
    this.#parts = parts
    this.#listening = parts.cluster.listen((changes) => this.#hear(changes))
  }

  /** Waits until all that was heard so far is done. */
  settled(): Promise<void> {
    return this.#work
  }

  #hear(changes: readonly ClusterChange[]): void {
    for (const change of changes) {
      if (change.type === 'network-added' || change.type === 'network-removed') this.#parts.onNetworks(change)
    }
    for (const batch of inRuns(changes)) {
      this.#work = this.#work
        .then(() => this.#follow(batch))
        .catch((error: unknown) => this.#parts.log.error('cannot follow a change of the cluster', { error }))
    }
  }

  /** @param changes of one type */
  async #follow(changes: readonly ClusterChange[]): Promise<void> {
    const { joined, onQuarantine } = this.#parts
    switch (changes[0]!.type) {
      case 'endpoint-added':
      case 'endpoint-changed':
        return await joined.put(this.#located(changes))
      case 'endpoint-removed':
        return await joined.remove(this.#located(changes))
      case 'node-joined':
      case 'node-changed':
        return await joined.put(this.#endpointsOf(changes))
      case 'node-state':
        return await joined.answerFor(this.#endpointsOf(changes))
      case 'secrets-changed':
      case 'secrets-held':
        return await joined.changeSecrets(new Set(changes.flatMap((one) => ('networkId' in one ? one.networkId : []))))
      case 'endpoint-quarantined':
        for (const change of changes) {
          if (change.type === 'endpoint-quarantined') await onQuarantine(change.endpoint, change.reason)
        }
    }
  }

  #located(changes: readonly ClusterChange[]): RemoteEndpoint[] {
    return changes.flatMap((change) =>
      'endpoint' in change ? (this.#parts.elsewhere.locate(change.endpoint) ?? []) : [],
    )
  }

  /** What the nodes have on networks that this host has joined. */
  #endpointsOf(changes: readonly ClusterChange[]): RemoteEndpoint[] {
    const nodes = new Map<string, ClusterNode>()
    for (const change of changes) if ('node' in change) nodes.set(change.node.id, change.node)
    const { joined, elsewhere } = this.#parts
    return joined.ids().flatMap((id) => elsewhere.endpoints(id).filter(({ node }) => nodes.has(node.id)))
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]()
  }
}

/** Neighbours of one type together: a thousand endpoints are one piece of work. */
function inRuns(changes: readonly ClusterChange[]): ClusterChange[][] {
  const runs: ClusterChange[][] = []
  for (const change of changes) {
    const last = runs.at(-1)
    if (last?.[0]?.type === change.type) last.push(change)
    else runs.push([change])
  }
  return runs
}
