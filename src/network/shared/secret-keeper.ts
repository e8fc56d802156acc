import { isDeepStrictEqual } from 'node:util'
import type { Cluster } from '../../cluster/cluster.ts'
import { isChanging } from '../../cluster/secrets/next-secrets.ts'
import type { SharedSecrets } from '../../cluster/secrets/secrets-model.ts'
import type { NetworkRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'

/** Milliseconds between two looks at what is due. */
const lookMs = 60_000
/** Milliseconds that a secret is used for, unless its associations have carried too much before. */
const lifeMs = 12 * 60 * 60_000

/** Keeps this host's kernel and the cluster of one mind about the secrets of encrypted networks. */
export class SecretKeeper implements Disposable {
  readonly #parts: NetworkParts
  readonly #cluster: Cluster
  /** What the kernel has, of networks that are here, and since when the secret is this one: by `performance.now`. */
  readonly #applied = new Map<string, { readonly secrets: SharedSecrets; readonly since: number }>()
  readonly #timer: NodeJS.Timeout

  constructor(parts: NetworkParts, cluster: Cluster) {
    this.#parts = parts
    this.#cluster = cluster
    const look = () => parts.background.run('look after the secrets of networks', () => this.#lookAfterAll())
    this.#timer = setInterval(look, lookMs).unref()
  }

  /**
   * Makes a network with the secrets that the hosts share now, and tells the others that this host has them.
   *
   * @param make makes the kernel have the network
   * @throws {EngineError} `unavailable` for a network whose secret nobody can tell
   */
  async withSecrets(network: NetworkRecord, make: () => Promise<unknown>): Promise<void> {
    if (!this.#isEncrypted(network)) return void (await make())
    const secrets = await this.#cluster.secrets.ensure(network.id)
    await make()
    // What has changed meanwhile is told by a change that comes after this.
    const before = this.#applied.get(network.id)
    const isSame = before?.secrets.sending === secrets.sending
    this.#applied.set(network.id, { secrets, since: isSame ? before.since : performance.now() })
    this.#parts.background.run('tell of a secret', () => this.#tell(network.id))
  }

  /** The kernel has what the hosts share now. */
  isUpToDate(networkId: string): boolean {
    const applied = this.#applied.get(networkId)?.secrets
    const now = this.#cluster.secrets.get(networkId)
    if (applied === undefined || now === undefined) return false
    return applied.sending === now.sending && isDeepStrictEqual(applied.generations, now.generations)
  }

  /** The network is not here any more. */
  forget(networkId: string): void {
    this.#applied.delete(networkId)
  }

  /** A host has told what it has: the next step may be due. */
  async advance(networkId: string): Promise<void> {
    if (this.#isLeader(networkId)) await this.#cluster.secrets.advance(networkId)
  }

  /** Begins to change the secret of a network. @returns the names of the hosts that are waited for */
  async rotate(networkId: string): Promise<readonly string[]> {
    await this.#cluster.secrets.rotate(networkId)
    if (this.#cluster.secrets.members(networkId).length === 0) {
      await this.#cluster.secrets.advance(networkId) // to send with it
      await this.#cluster.secrets.advance(networkId) // to accept no other
    }
    return this.#cluster.secrets.awaited(networkId)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  async #tell(networkId: string): Promise<void> {
    const applied = this.#applied.get(networkId)
    if (applied !== undefined && this.#cluster.status().reachable) await this.#cluster.secrets.tell(applied.secrets)
    await this.advance(networkId)
  }

  async #lookAfterAll(): Promise<void> {
    if (!this.#cluster.status().reachable) return
    for (const [networkId, { secrets, since }] of this.#applied) {
      const network = this.#parts.table.network(networkId)
      if (network === undefined) continue
      await this.#tell(networkId)
      if (isChanging(secrets) || this.#cluster.secrets.awaited(networkId).length > 0) continue
      const isOld = this.#isLeader(networkId) && performance.now() - since > lifeMs
      if (isOld || this.#parts.drivers.isWorn(network)) await this.rotate(networkId)
    }
  }

  /** One of the hosts on the network goes on with its changes: the first that is alive. */
  #isLeader(networkId: string): boolean {
    const alive = this.#cluster.secrets.members(networkId).filter((id) => this.#cluster.node(id)?.state === 'alive')
    return alive[0] === this.#cluster.self.id
  }

  #isEncrypted(network: NetworkRecord): boolean {
    const { driver, plan } = this.#parts.drivers.of(network)
    return driver.peers?.needsSecrets?.(plan) ?? false
  }
}
