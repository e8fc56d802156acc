import type { Log } from '../../base/log.ts'
import type { ClusterChange } from '../model.ts'
import { type HeldSecrets, parseHeld, parseSecrets, type SharedSecrets } from '../secrets/secrets-model.ts'

/** What is known of the secrets of encrypted networks. What is not understood is named in the log, never shown. */
export class SecretsTable {
  readonly #secrets = new Map<string, SharedSecrets>()
  /** By network, then by node. */
  readonly #held = new Map<string, Map<string, HeldSecrets>>()
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  secrets(networkId: string): SharedSecrets | undefined {
    return this.#secrets.get(networkId)
  }

  /** What the hosts have told of what they have. */
  held(networkId: string): readonly HeldSecrets[] {
    return [...(this.#held.get(networkId)?.values() ?? [])]
  }

  /** @param text undefined: gone */
  setSecrets(networkId: string, text: string | undefined): ClusterChange[] {
    const secrets = text === undefined ? undefined : parseSecrets(text)
    if (text !== undefined && secrets?.networkId !== networkId) this.#complain(networkId)
    if (secrets?.networkId === networkId) this.#secrets.set(networkId, secrets)
    else this.#secrets.delete(networkId)
    return [{ type: 'secrets-changed', networkId }]
  }

  /** @param text undefined: gone */
  setHeld(networkId: string, nodeId: string, text: string | undefined): ClusterChange[] {
    const held = text === undefined ? undefined : parseHeld(text)
    if (text !== undefined && held === undefined) this.#complain(networkId)
    const ofNetwork = this.#held.get(networkId) ?? new Map<string, HeldSecrets>()
    if (held === undefined) ofNetwork.delete(nodeId)
    else this.#held.set(networkId, ofNetwork.set(nodeId, held))
    if (ofNetwork.size === 0) this.#held.delete(networkId)
    return [{ type: 'secrets-held', networkId }]
  }

  #complain(network: string): void {
    this.#log.warn('skips what is not the secret of an encrypted network', { network })
  }
}
