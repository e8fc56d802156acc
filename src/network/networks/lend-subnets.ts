import { checkConfigs, type SubnetWish } from '../ipam/check-configs.ts'
import type { Family } from '../ipam/prefix.ts'
import type { Release } from '../ipam/remote/ipam-plugin.ts'
import { owedRecord } from '../ipam/remote/owed.ts'
import { type LentSubnet, requestSubnets } from '../ipam/remote/request-pools.ts'
import type { IpamConfig, LentPool } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { NetworkRequest } from '../networking.ts'
import { addressSpace } from './networks.ts'
import { checkRequest, isBuiltinIpam } from './plan-network.ts'

/** Subnets that a plugin has lent to a network that is to be made; given back unless they are kept. */
export interface LentSubnets extends Disposable {
  readonly configs: readonly IpamConfig[]
  readonly pools: readonly LentPool[]
  keep(): void
}

/**
 * Asks the plugin that a request names for subnets. This is the part of making a network that waits for somebody else:
 * what is decided and recorded afterwards is decided in one synchronous step, against what is there then.
 *
 * @param skipped families without a gateway, where the network's driver was asked
 * @returns undefined when the request names no plugin
 * @throws {EngineError} with Docker's words
 */
export async function lendSubnets(
  parts: NetworkParts,
  asked: NetworkRequest,
  skipped: readonly Family[] | undefined,
): Promise<LentSubnets | undefined> {
  if (asked.configOnly) return undefined
  const request = checkRequest(asked, parts)
  if (isBuiltinIpam(request.ipamDriver)) return undefined
  const { traits, freeOfGateway } = parts.registry.driver(request.driver)
  const withoutGateway = skipped ?? freeOfGateway?.(request) ?? []
  const wishes = subnetWishes(request)
  const plugin = await parts.remoteIpam.driver(request.ipamDriver)
  const taken: Release[] = []
  using undo = new DisposableStack()
  undo.defer(() => giveBack(parts, plugin.name, taken))
  const { networks, occupied } = addressSpace(parts)
  const lent = await requestSubnets(
    plugin,
    {
      ...{ wishes, withoutGateway },
      options: request.ipamOptions,
      scope: traits.scope,
      occupied: [networks, ...occupied()],
    },
    (release) => taken.push(release),
  )
  return keepable(lent, undo.move())
}

/** One for each family that is enabled, also where the request says nothing of it. */
function subnetWishes({ ipamConfigs, enableIPv4, enableIPv6 }: NetworkRequest): readonly SubnetWish[] {
  const families = [...(enableIPv4 ? (['ipv4'] as const) : []), ...(enableIPv6 ? (['ipv6'] as const) : [])]
  const said = checkConfigs(ipamConfigs)
  return families.flatMap((family) => {
    const own = said.filter((wish) => wish.family === family)
    return own.length > 0 ? own : [{ family, config: {} }]
  })
}

function keepable(lent: readonly LentSubnet[], undo: DisposableStack): LentSubnets {
  return {
    configs: lent.map(({ config }) => config),
    pools: lent.map(({ pool }) => pool),
    keep: () => void undo.move(),
    [Symbol.dispose]: () => undo.dispose(),
  }
}

/** The last first: addresses before their pool. */
function giveBack({ table, background, remoteIpam }: NetworkParts, driver: string, taken: readonly Release[]): void {
  if (taken.length === 0) return
  table.commit({ owed: [owedRecord(driver, taken.toReversed())] })
  background.run('give subnets back to a plugin', () => remoteIpam.settle(driver))
}
