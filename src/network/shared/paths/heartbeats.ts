import type { Log } from '../../../base/log.ts'
import type { ClusterNode } from '../../../cluster/model.ts'
import type { Poller } from '../../../kernel/poller.ts'
import type { CablePlace } from '../../driver.ts'
import type { NetworkRecord } from '../../model.ts'
import { type NetworkPath, NetworkPaths } from './network-paths.ts'
import type { PathState } from './path-state.ts'

/** Milliseconds: what is due at nearly the same time is done together. */
const together = 50

/** What the heartbeats are made of. */
export interface HeartbeatParts {
  /** Of this host. */
  readonly nodeId: string
  readonly poller: Poller
  readonly log: Log
  readonly openPlace: (network: NetworkRecord) => CablePlace | undefined
  /** Tells of a path that is another than before. */
  readonly tell: (network: NetworkRecord, attributes: Readonly<Record<string, string>>) => void
}

/**
 * Evidence that hosts reach each other on the networks that they share: packets of full size there and back, on the way
 * that the containers' packets go.
 *
 * One timer for all, which runs only while another host is on a network of this one.
 */
export class Heartbeats implements Disposable {
  readonly #parts: HeartbeatParts
  readonly #networks = new Map<string, NetworkPaths>()
  #timer: NodeJS.Timeout | undefined

  constructor(parts: HeartbeatParts) {
    this.#parts = parts
  }

  /** This host has joined a network. */
  begin(network: NetworkRecord, hosts: readonly ClusterNode[]): void {
    const { nodeId, poller, openPlace } = this.#parts
    const paths = new NetworkPaths({
      ...{ nodeId, poller },
      openPlace: () => openPlace(network),
      onSooner: () => this.#schedule(),
      onChange: (path, before) => this.#report(network, path, before),
    })
    this.#networks.set(network.id, paths)
    paths.meet(hosts)
    this.#schedule()
  }

  /** This host leaves a network. */
  end(networkId: string): void {
    this.#networks.get(networkId)?.[Symbol.dispose]()
    this.#networks.delete(networkId)
  }

  /** Hosts are on a network, or have another address. */
  meet(networkId: string, hosts: readonly ClusterNode[]): void {
    if (hosts.length === 0) return
    this.#networks.get(networkId)?.meet(hosts)
    this.#schedule()
  }

  /** Hosts have left a network. */
  part(networkId: string, hosts: readonly ClusterNode[]): void {
    this.#networks.get(networkId)?.part(hosts)
  }

  /** Paths to other hosts on a network; none for one that this host has not joined. */
  paths(networkId: string): readonly NetworkPath[] {
    return this.#networks.get(networkId)?.list ?? []
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    const due = Math.min(Infinity, ...Array.from(this.#networks.values(), (paths) => paths.due))
    if (due === Infinity) return
    const wait = Math.max(together, due - performance.now())
    this.#timer = setTimeout(() => this.#act(), wait).unref()
  }

  #act(): void {
    const now = performance.now()
    for (const [id, paths] of this.#networks) {
      try {
        paths.act(now)
      } catch (error) {
        // One network that somebody takes apart must not end the others' heartbeats.
        this.#parts.log.warn('cannot send heartbeats', { network: id, error })
      }
    }
    this.#schedule()
  }

  #report(network: NetworkRecord, { node, state }: NetworkPath, before: PathState): void {
    const { log, tell } = this.#parts
    const size = String(state.passes)
    const fields = { network: network.name, host: node.name, address: node.address }
    if (before.kind === 'unknown' && state.kind === 'ok') {
      log.debug('reaches a host', fields)
      return
    }
    if (state.kind === 'ok') log.info('reaches a host again', { ...fields, bytes: size })
    else if (state.kind === 'lost') log.warn('does not reach a host', fields)
    else log.warn('reaches a host by small packets only', { ...fields, bytes: size, full: String(state.full) })
    tell(network, { host: node.name, address: node.address, state: state.kind, size })
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    for (const id of [...this.#networks.keys()]) this.end(id)
  }
}
