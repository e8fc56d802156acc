import type { NetworkParts } from '../network-parts.ts'
import type { WantedLinks } from './damage.ts'

/** What the records say of the host's links. @param bridgeIndex of a bridge by name, as far as there is one */
export function wantedLinks(
  { table, drivers }: NetworkParts,
  bridgeIndex: (name: string) => number | undefined,
): WantedLinks {
  return {
    networkOf: (link) => drivers.ownerOf(link)?.id,
    sittingOn: (link) => drivers.sittingOn(link),
    endpointOf(link) {
      const endpoint = table.endpointOfLink(link)
      if (endpoint === undefined) return undefined
      const { id, networkId } = endpoint
      const network = table.network(networkId)
      const name = network && drivers.hostInterface(network)
      const bridge = name === undefined ? undefined : bridgeIndex(name)
      return { id, networkId, ...(bridge !== undefined && { bridge }) }
    },
  }
}
