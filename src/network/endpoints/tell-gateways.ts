import type { SandboxRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import { setGateway } from '../terms-calls.ts'
import { hasTerms, wishOf } from './agree-endpoints.ts'
import type { Candidate, Gateways } from './gateways.ts'

/** Tells drivers that want to know by which endpoints a container goes out from now on. */
export async function tellGateways(
  parts: NetworkParts,
  { wish, path }: SandboxRecord,
  before: Gateways | undefined,
  after: Gateways,
): Promise<void> {
  const [old, now] = [chosen(before), chosen(after)]
  for (const { endpoint, network } of old.values()) {
    if (now.has(endpoint.id) || !hasTerms(parts, network)) continue
    await setGateway(parts.drivers, network, wishOf(endpoint, wish, path), false).catch((error: unknown) => {
      parts.log.warn('a plugin does not take a gateway back', { network: network.name, error })
    })
  }
  for (const { endpoint, network } of now.values()) {
    if (old.has(endpoint.id) || !hasTerms(parts, network)) continue
    await setGateway(parts.drivers, network, wishOf(endpoint, wish, path), true)
  }
}

function chosen(gateways: Gateways | undefined): ReadonlyMap<string, Candidate> {
  const candidates = [gateways?.ipv4, gateways?.ipv6].filter((one) => one !== undefined)
  return new Map(candidates.map((one) => [one.endpoint.id, one]))
}
