import type { NetworkRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { PeerSpec } from '../peers.ts'
import { type Elsewhere, isAnswered, type RemoteEndpoint } from './elsewhere.ts'
import type { Heartbeats } from './paths/heartbeats.ts'
import { PeerHosts } from './peer-hosts.ts'
import type { SecretKeeper } from './secret-keeper.ts'
import { hostPeerOf, namesOf, peerOf } from './shared-records.ts'

/** A network stays for this long after its last container: a restart should find it there. Milliseconds. */
const stay = 10_000

/** The shared networks that containers of this host are on: only these take up anything here. */
export class JoinedNetworks {
  readonly #parts: NetworkParts
  readonly #elsewhere: Elsewhere
  readonly #heartbeats: Heartbeats
  readonly #keeper: SecretKeeper
  readonly #hosts = new PeerHosts()
  readonly #joined = new Set<string>()
  readonly #leaving = new Map<string, NodeJS.Timeout>()

  constructor(parts: NetworkParts, elsewhere: Elsewhere, heartbeats: Heartbeats, keeper: SecretKeeper) {
    this.#parts = parts
    this.#elsewhere = elsewhere
    this.#heartbeats = heartbeats
    this.#keeper = keeper
  }

  has(networkId: string): boolean {
    return this.#joined.has(networkId)
  }

  ids(): readonly string[] {
    return [...this.#joined]
  }

  /** Makes this host's part of a network, with all that is known of the others. Joined already is success. */
  async join({ id }: NetworkRecord): Promise<void> {
    clearTimeout(this.#leaving.get(id))
    this.#leaving.delete(id)
    if (this.#joined.has(id)) return
    using _ = await this.#parts.locks.acquire(`shared ${id}`)
    const network = this.#parts.table.network(id) // as it is now
    if (this.#joined.has(id) || network === undefined) return
    const known = this.#elsewhere.endpoints(id) // before: who comes meanwhile is told afterwards
    await this.#keeper.withSecrets(network, () => this.#parts.drivers.ensureNetwork(network))
    const { firewall, drivers } = this.#parts
    if (firewall.isWritten) firewall.change({ add: drivers.elements(network) }) // else recovery writes all at once
    this.#joined.add(id)
    const hosts = this.#hosts.put(id, known)
    if (this.#parts.drivers.isApart(network)) this.#heartbeats.begin(network, hosts)
    await this.answerFor(this.#elsewhere.endpoints(id))
  }

  /** A network knows more of itself than before: what this host has of it follows. Not joined is success. */
  async follow({ id }: NetworkRecord, before: NetworkRecord): Promise<void> {
    using _ = await this.#parts.locks.acquire(`shared ${id}`)
    const network = this.#parts.table.network(id)
    if (!this.#joined.has(id) || network === undefined) return
    const { drivers, firewall } = this.#parts
    const gone = drivers.elements(before)
    await drivers.ensureNetwork(network)
    firewall.change({ remove: gone, add: drivers.elements(network) })
  }

  /** The network may have lost its last container of this host: if so it goes, unless one comes soon. */
  leaveSoon(networkId: string): void {
    if (!this.#joined.has(networkId) || this.#leaving.has(networkId)) return
    const leave = () => {
      this.#leaving.delete(networkId)
      this.#parts.background.run('leave a network', () => this.#leaveUnused(networkId))
    }
    this.#leaving.set(networkId, setTimeout(leave, stay).unref())
  }

  async #leaveUnused(networkId: string): Promise<void> {
    using _ = await this.#parts.locks.acquire(`shared ${networkId}`)
    const network = this.#parts.table.network(networkId)
    if (network === undefined || this.#parts.table.hasEndpoints(networkId)) return
    await this.#leave(network)
  }

  /** The network is gone: so is this host's part of it. Not joined is success. */
  async leave(network: NetworkRecord): Promise<void> {
    using _ = await this.#parts.locks.acquire(`shared ${network.id}`)
    await this.#leave(network)
  }

  async #leave(network: NetworkRecord): Promise<void> {
    if (!this.#joined.delete(network.id)) return
    this.#parts.firewall.change({ remove: this.#parts.drivers.elements(network) })
    this.#heartbeats.end(network.id)
    this.#keeper.forget(network.id)
    this.#hosts.forget(network.id)
    this.#elsewhere.claims.forget(network.id)
    const names = this.#elsewhere.endpoints(network.id).map(({ endpoint }) => endpoint.id)
    await Promise.all(names.map((id) => this.#parts.resolver.withdraw(id)))
    await this.#parts.drivers.removeNetwork(network)
  }

  /** Endpoints on other hosts are new, or others now. */
  async put(remote: readonly RemoteEndpoint[]): Promise<void> {
    for (const [network, members] of this.#byNetwork(remote)) {
      using _ = await this.#parts.locks.acquire(`shared ${network.id}`)
      if (!this.#joined.has(network.id)) continue
      const arrived = this.#hosts.put(network.id, members)
      const reached = this.#elsewhere.claims.take(network.id, members)
      await this.#parts.drivers.addPeers(network, [...arrived.map(hostPeerOf), ...reached.map(toPeer)])
      this.#heartbeats.meet(network.id, arrived)
    }
    await this.answerFor(remote)
  }

  /** Endpoints on other hosts are gone. */
  async remove(remote: readonly RemoteEndpoint[]): Promise<void> {
    await Promise.all(remote.map(({ endpoint }) => this.#parts.resolver.withdraw(endpoint.id)))
    for (const [network, members] of this.#byNetwork(remote)) {
      using _ = await this.#parts.locks.acquire(`shared ${network.id}`)
      if (!this.#joined.has(network.id)) continue
      const departed = this.#hosts.remove(network.id, members)
      this.#heartbeats.part(network.id, departed)
      const { claims } = this.#elsewhere
      const { gone, next } = claims.release(network.id, members, this.#elsewhere.endpoints(network.id))
      await this.#parts.drivers.removePeers(network, [...gone.map(toPeer), ...departed.map(hostPeerOf)])
      await this.#parts.drivers.addPeers(network, next.map(toPeer))
    }
  }

  /** The secrets of encrypted networks are others now, or a host has told what it has. */
  async changeSecrets(networkIds: ReadonlySet<string>): Promise<void> {
    for (const id of networkIds) {
      using _ = await this.#parts.locks.acquire(`shared ${id}`)
      const network = this.#joined.has(id) ? this.#parts.table.network(id) : undefined
      if (network === undefined) continue
      if (this.#keeper.isUpToDate(id)) await this.#keeper.advance(id)
      else await this.#keeper.withSecrets(network, () => this.#parts.drivers.ensureNetwork(network))
    }
  }

  /** Answers for the names of endpoints whose hosts may live, and no more for those of dead ones. */
  async answerFor(remote: readonly RemoteEndpoint[]): Promise<void> {
    const here = remote.filter(({ endpoint }) => this.#joined.has(endpoint.networkId))
    await Promise.all(
      here.map((one) => {
        const { resolver } = this.#parts
        return isAnswered(one) ? resolver.announce(namesOf(one.endpoint)) : resolver.withdraw(one.endpoint.id)
      }),
    )
  }

  #byNetwork(remote: readonly RemoteEndpoint[]): readonly (readonly [NetworkRecord, readonly RemoteEndpoint[]])[] {
    const grouped = Map.groupBy(remote, ({ endpoint }) => endpoint.networkId)
    return [...grouped].flatMap(([id, members]) => {
      const network = this.#joined.has(id) ? this.#parts.table.network(id) : undefined
      return network === undefined ? [] : [[network, members] as const]
    })
  }

  /** What was to be left later is left now; what containers are on stays in the kernel. */
  async close(): Promise<void> {
    const ids = [...this.#leaving.keys()]
    for (const timer of this.#leaving.values()) clearTimeout(timer)
    this.#leaving.clear()
    for (const id of ids) await this.#leaveUnused(id)
  }
}

function toPeer({ endpoint, node }: RemoteEndpoint): PeerSpec {
  return peerOf(endpoint, node)
}
