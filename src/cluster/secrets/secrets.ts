import { randomBytes } from 'node:crypto'
import { EngineError } from '../../base/errors.ts'
import type { State } from '../copy/state.ts'
import type { EtcdClient } from '../etcd/client.ts'
import type { Gate } from '../session/gate.ts'
import { beginChange, isChanging, nextSecrets, whoIsAwaited } from './next-secrets.ts'
import { formatHeld, formatSecrets, type SharedSecrets } from './secrets-model.ts'

/** What sharing secrets needs. */
export interface SecretsParts {
  readonly client: EtcdClient
  readonly state: State
  readonly gate: Gate
  readonly nodeId: string
}

/** The secrets of encrypted networks, which all hosts of the cluster may read; see docs/decisions/0013. */
export class Secrets {
  readonly #parts: SecretsParts

  constructor(parts: SecretsParts) {
    this.#parts = parts
  }

  /** As they are now; undefined: nobody has made any, or this host has not heard. */
  get(networkId: string): SharedSecrets | undefined {
    return this.#parts.state.view.secrets(networkId)
  }

  /** Makes the first secret of a network that has none. @throws {EngineError} `unavailable` */
  async ensure(networkId: string): Promise<SharedSecrets> {
    const known = this.get(networkId)
    if (known !== undefined) return known
    const { client, state, gate } = this.#parts
    const key = state.keys.secret(networkId)
    const first = { networkId, generations: [{ number: 1, secret: newSecret() }], sending: 1 }
    return await gate.run(`cannot make a secret for network ${networkId}`, async () => {
      const steps = [{ put: key, value: formatSecrets(first) }]
      const answer = await client.txn([{ key, exists: false }], steps, [{ get: key }])
      const [written] = answer.reads
      if (answer.succeeded) state.anticipate(answer.header.revision, [[key, formatSecrets(first)]])
      else if (written !== undefined) state.anticipate(written.modRevision, [[key, written.value]])
      const secrets = this.get(networkId)
      if (secrets !== undefined) return secrets
      throw new EngineError('unavailable', `Cannot read the secret of network ${networkId}: etcd holds something else`)
    })
  }

  /**
   * Begins to change a network's secret; the rest follows by itself.
   *
   * @throws {EngineError} `not-found` for a network without; `conflict` while another change goes on; `unavailable`
   */
  async rotate(networkId: string): Promise<SharedSecrets> {
    const now = this.get(networkId)
    if (now === undefined) throw new EngineError('not-found', `network ${networkId} has no secret: nobody has used it`)
    if (isChanging(now)) throw new EngineError('conflict', this.#busy(now))
    const next = beginChange(now, newSecret())
    if (await this.#replace(now, next)) return next
    throw new EngineError('conflict', `Cannot change the secret of network ${networkId}: another host does so now`)
  }

  /** Goes on with a change when everybody has done the step before. Somebody else was quicker is success. */
  async advance(networkId: string): Promise<void> {
    const now = this.get(networkId)
    const next = now && nextSecrets(now, this.#parts.state.view.heldSecrets(networkId), this.members(networkId))
    if (next !== undefined) await this.#replace(now!, next)
  }

  /** Tells the others what this host's kernel has. */
  async tell({ networkId, generations, sending }: SharedSecrets): Promise<void> {
    const { client, state, gate, nodeId } = this.#parts
    const key = state.keys.heldSecret(networkId, nodeId)
    const value = formatHeld({ networkId, nodeId, accepts: generations.at(-1)!.number, sends: sending })
    if (state.replica.get(key) === value) return
    await gate.run(`cannot tell of the secret of network ${networkId}`, async () => {
      const { header } = await client.txn([], [{ put: key, value }])
      state.anticipate(header.revision, [[key, value]])
    })
  }

  /** The network is gone: nobody needs its secret. */
  async forget(networkId: string): Promise<void> {
    const { client, state, gate } = this.#parts
    const { keys, view } = state
    const held = view.heldSecrets(networkId).map(({ nodeId }) => keys.heldSecret(networkId, nodeId))
    const gone = [keys.secret(networkId), ...held]
    await gate.run(`cannot remove the secret of network ${networkId}`, async () => {
      const { header } = await client.txn(
        [],
        gone.map((key) => ({ delete: key })),
      )
      state.anticipate(
        header.revision,
        gone.map((key) => [key, undefined]),
      )
    })
  }

  /** Nodes that have endpoints on a network, in order. */
  members(networkId: string): readonly string[] {
    return [...new Set(this.#parts.state.view.endpoints(networkId).map(({ nodeId }) => nodeId))].sort()
  }

  /** Names of the hosts that a change waits for. */
  awaited(networkId: string): readonly string[] {
    const { view, nodes } = this.#parts.state
    const now = this.get(networkId)
    if (now === undefined || !isChanging(now)) return []
    const ids = whoIsAwaited(now, view.heldSecrets(networkId), this.members(networkId))
    return ids.map((id) => nodes.get(id)?.name ?? id.slice(0, 12))
  }

  async #replace(now: SharedSecrets, next: SharedSecrets): Promise<boolean> {
    const { client, state, gate } = this.#parts
    const key = state.keys.secret(now.networkId)
    const value = formatSecrets(next)
    return await gate.run(`cannot change the secret of network ${now.networkId}`, async () => {
      const { succeeded, header } = await client.txn([{ key, value: formatSecrets(now) }], [{ put: key, value }])
      if (succeeded) state.anticipate(header.revision, [[key, value]])
      return succeeded
    })
  }

  #busy({ networkId }: SharedSecrets): string {
    const awaited = this.awaited(networkId)
    const whom = awaited.length === 0 ? '' : `; it waits for ${awaited.join(', ')}`
    return `Cannot change the secret of network ${networkId}: a change goes on already${whom}`
  }
}

function newSecret(): string {
  return randomBytes(32).toString('hex')
}
