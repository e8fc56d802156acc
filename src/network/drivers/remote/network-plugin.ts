import { askDriver, textOf } from '../../../plugins/ask-driver.ts'
import { PluginError } from '../../../plugins/call-plugin.ts'
import type { CallOptions, Plugin } from '../../../plugins/plugins.ts'
import type { Family } from '../../ipam/prefix.ts'
import type { OwedRemoval } from '../../model.ts'
import type { EndpointTerms, EndpointWish } from '../../terms.ts'
import { endpointOptions, networkOptions, type OptionsOfNetwork, sandboxOptions } from './options.ts'
import { type EndpointFace, parseFace, parseTerms } from './parse-answers.ts'
import type { RemotePlan } from './plan.ts'

/** What plugins of this kind say that they implement. */
export const networkKind = 'NetworkDriver'

/** An endpoint, or without one a whole network, that is to go. */
export type Removal = Pick<OwedRemoval, 'networkId' | 'endpointId' | 'isGateway'>

/** How far the networks of a plugin reach, as it says. */
export type PluginScope = 'local' | 'global'

/**
 * The methods of a network driver that is a plugin. Answers are checked for shape, not for sense.
 *
 * @source moby, libnetwork/docs/remote.md and drivers/remote/api
 */
export class NetworkPlugin {
  readonly name: string
  readonly scope: PluginScope
  readonly #plugin: Plugin
  readonly #knowsGateways: boolean

  private constructor(plugin: Plugin, scope: PluginScope, knowsGateways: boolean) {
    this.name = plugin.name
    this.#plugin = plugin
    this.scope = scope
    this.#knowsGateways = knowsGateways
  }

  /** @throws {PluginError} also when it does not say how far its networks reach: every driver must */
  static async open(plugin: Plugin, options: CallOptions): Promise<NetworkPlugin> {
    const answer = await askDriver(plugin, networkKind, 'GetCapabilities', undefined, options)
    const scope = textOf(plugin, answer, 'Scope')
    const connectivity = textOf(plugin, answer, 'ConnectivityScope')
    const wrong = [scope, ...(connectivity === '' ? [] : [connectivity])].find((one) => !isScope(one))
    if (wrong === undefined && isScope(scope))
      return new NetworkPlugin(plugin, scope, answer['GwAllocChecker'] === true)
    throw new PluginError(`invalid capability: expecting 'local' or 'global', got ${wrong}`, { answered: true })
  }

  /** Families whose subnets need no gateway: none unless it wants to be asked. */
  async skippedGateways(request: OptionsOfNetwork): Promise<readonly Family[]> {
    if (!this.#knowsGateways) return []
    const answer = await this.#ask('GwAllocCheck', { Options: networkOptions(request) })
    const skips = (key: string, family: Family) => (answer[key] === true ? [family] : [])
    return [...skips('SkipIPv4', 'ipv4'), ...skips('SkipIPv6', 'ipv6')]
  }

  async createNetwork(plan: RemotePlan): Promise<void> {
    const { networkId: NetworkID, ipv4: IPv4Data, ipv6: IPv6Data } = plan
    await this.#ask('CreateNetwork', { NetworkID, Options: networkOptions(plan), IPv4Data, IPv6Data })
  }

  /** @returns what the plugin chose: nothing that it was told */
  async createEndpoint(networkId: string, wish: EndpointWish, options?: CallOptions): Promise<EndpointFace> {
    const { id, ipv4 = '', ipv6 = '', mac = '' } = wish
    const body = {
      NetworkID: networkId,
      EndpointID: id,
      Interface: { Address: ipv4, AddressIPv6: ipv6, MacAddress: mac },
      Options: endpointOptions(wish),
    }
    return parseFace(this.name, await this.#ask('CreateEndpoint', body, options), wish)
  }

  async join(networkId: string, wish: EndpointWish, options?: CallOptions): Promise<EndpointTerms> {
    const { id, sandboxPath } = wish
    const body = {
      NetworkID: networkId,
      EndpointID: id,
      SandboxKey: sandboxPath,
      Options: sandboxOptions(wish),
    }
    return parseTerms(this.name, await this.#ask('Join', body, options))
  }

  /** The container goes out by this endpoint, or does no more. A plugin that does not care need not know the question. */
  async setGateway(networkId: string, wish: EndpointWish, isGateway: boolean): Promise<void> {
    const ids = { NetworkID: networkId, EndpointID: wish.id }
    const call = isGateway
      ? this.#ask('ProgramExternalConnectivity', { ...ids, Options: sandboxOptions(wish) })
      : this.#ask('RevokeExternalConnectivity', ids)
    await call.catch((error: unknown) => {
      if (!(error instanceof PluginError && error.refusal === 404)) throw error
    })
  }

  /** Takes an endpoint, or without one the whole network, away. @returns why it refuses a step; the others were done */
  async remove({ networkId, endpointId, isGateway }: Removal, options?: CallOptions): Promise<readonly PluginError[]> {
    const ids = { NetworkID: networkId, ...(endpointId !== undefined && { EndpointID: endpointId }) }
    const steps =
      endpointId === undefined
        ? ['DeleteNetwork']
        : [...(isGateway ? ['RevokeExternalConnectivity'] : []), 'Leave', 'DeleteEndpoint']
    const refusals: PluginError[] = []
    for (const method of steps) {
      await this.#ask(method, ids, options).catch((error: unknown) => {
        if (!(error instanceof PluginError && error.answered)) throw error
        if (error.refusal !== 404) refusals.push(error)
      })
    }
    return refusals
  }

  #ask(method: string, body: unknown, options?: CallOptions) {
    return askDriver(this.#plugin, networkKind, method, body, options)
  }
}

function isScope(text: string): text is PluginScope {
  return text === 'local' || text === 'global'
}

/** It has understood, and done nothing. */
export function isRefusal(error: unknown): boolean {
  return error instanceof PluginError && error.refusal !== undefined
}

/** It has answered, if only to refuse. */
export function isAnswered(error: unknown): boolean {
  return error instanceof PluginError && error.answered
}
