import { EngineError } from '../../base/errors.ts'
import type { IpamConfig } from '../../network/model.ts'
import type { NetworkWish } from '../../network/networking.ts'
import { templateRefusal } from '../../network/networks/config-network.ts'
import type { NetworkCreateBody, NetworkIpamConfig } from '../../protocol/network.ts'
import { isBefore } from '../versions.ts'

/**
 * Turns the body of `POST /networks/create` into a request of the engine; what it means is checked there.
 *
 * @param version  of the API that the client speaks; before 1.48 IPv4 cannot be switched off
 * @throws {EngineError} `forbidden` for what only a swarm has, in Docker's words
 */
export function networkRequest(body: NetworkCreateBody, version: string): NetworkWish {
  checkSwarm(body)
  return {
    name: body.Name ?? '',
    ...(body.Driver && { driver: body.Driver }),
    ...(body.EnableIPv4 == null || isBefore(version, '1.48') ? {} : { enableIPv4: body.EnableIPv4 }),
    ...(body.EnableIPv6 == null ? {} : { enableIPv6: body.EnableIPv6 }),
    internal: body.Internal ?? false,
    attachable: body.Attachable ?? false,
    ipamDriver: body.IPAM?.Driver || 'default',
    ipamOptions: body.IPAM?.Options ?? {},
    ipamConfigs: (body.IPAM?.Config ?? []).map(ipamConfig),
    options: body.Options ?? {},
    labels: body.Labels ?? {},
    ...(body.ConfigOnly ? { configOnly: true } : {}),
    ...(body.ConfigFrom?.Network ? { configFrom: body.ConfigFrom.Network } : {}),
  }
}

/** What only a swarm has. A template has none of it, and Docker says so in other words. */
function checkSwarm({ Ingress, Scope, ConfigOnly }: NetworkCreateBody): void {
  if (ConfigOnly && (Ingress || Scope)) {
    throw new EngineError('forbidden', templateRefusal)
  }
  if (Ingress) throw new EngineError('forbidden', 'Ingress network can only be global scope network')
  if (Scope === 'swarm') {
    throw new EngineError('forbidden', 'cannot create a swarm scoped network when swarm is not active')
  }
}

function ipamConfig({ Subnet, IPRange, Gateway, AuxiliaryAddresses }: NetworkIpamConfig): Partial<IpamConfig> {
  return {
    ...(Subnet ? { subnet: Subnet } : {}),
    ...(IPRange ? { ipRange: IPRange } : {}),
    ...(Gateway ? { gateway: Gateway } : {}),
    ...(AuxiliaryAddresses ? { auxAddresses: AuxiliaryAddresses } : {}),
  }
}
