import type { RemoteEndpoint } from './elsewhere.ts'

/**
 * Which of several endpoints of other hosts is reached at an address that all of them say is theirs.
 *
 * An older backup of etcd brings back endpoints that are gone, for as long as it takes their owners to say so; somebody
 * else may have their address by then. Whoever has an address keeps it until it goes itself.
 */
export class AddressClaims {
  /** By network: address or hardware address, and the endpoint that is reached there. */
  readonly #holders = new Map<string, Map<string, string>>()

  /** Those of `remote` that are to be reached: nobody else has any of their addresses. They have them from now on. */
  take(networkId: string, remote: readonly RemoteEndpoint[]): readonly RemoteEndpoint[] {
    const holders = this.#holders.get(networkId) ?? new Map<string, string>()
    this.#holders.set(networkId, holders)
    return remote.filter(({ endpoint }) => {
      const keys = keysOf(endpoint)
      if (keys.some((key) => (holders.get(key) ?? endpoint.id) !== endpoint.id)) return false
      for (const key of keys) holders.set(key, endpoint.id)
      return true
    })
  }

  /** Those of `gone` that were reached. Their addresses are free; `others` that have waited for them are reached now. */
  release(
    networkId: string,
    gone: readonly RemoteEndpoint[],
    others: readonly RemoteEndpoint[],
  ): { readonly gone: readonly RemoteEndpoint[]; readonly next: readonly RemoteEndpoint[] } {
    const holders = this.#holders.get(networkId)
    const held = gone.filter(({ endpoint }) => keysOf(endpoint).some((key) => holders?.get(key) === endpoint.id))
    const freed = new Set(held.flatMap(({ endpoint }) => keysOf(endpoint)))
    for (const key of freed) holders?.delete(key)
    const ids = new Set(gone.map(({ endpoint }) => endpoint.id))
    const waiting = others.filter(
      ({ endpoint }) => !ids.has(endpoint.id) && keysOf(endpoint).some((key) => freed.has(key)),
    )
    return { gone: held, next: this.take(networkId, waiting) }
  }

  /** Nobody of this host is on the network any more. */
  forget(networkId: string): void {
    this.#holders.delete(networkId)
  }
}

function keysOf({ mac, ipv4, ipv6 }: RemoteEndpoint['endpoint']): readonly string[] {
  return [mac, ipv4, ipv6].filter((key) => key !== undefined)
}
