import { askDriver, textOf, textsOf } from '../../../plugins/ask-driver.ts'
import { PluginError } from '../../../plugins/call-plugin.ts'
import type { CallOptions, Plugin } from '../../../plugins/plugins.ts'

/** What plugins of this kind say that they implement. */
export const ipamKind = 'IpamDriver'

/** Keys of `Data` and `Options` that both sides know. @source libnetwork's remote IPAM protocol */
export const ipamLabels = {
  gateway: 'com.docker.network.gateway',
  requestType: 'RequestAddressType',
  endpointName: 'com.docker.network.endpoint.name',
  mac: 'com.docker.network.endpoint.macaddress',
} as const

/** What a plugin asks of us. */
export interface IpamCapabilities {
  /** It wants to know an endpoint's hardware address before it chooses. */
  readonly requiresMac: boolean
  /** It remembers nothing: pools and addresses are asked for again when the engine starts. */
  readonly requiresReplay: boolean
}

/** A pool as it is asked for; empty texts leave the choice to the plugin. */
export interface PoolRequest {
  readonly addressSpace: string
  readonly pool: string
  readonly subPool: string
  readonly options: Readonly<Record<string, string>>
  readonly v6: boolean
}

/** The methods of an address manager that is a plugin. Answers are checked for shape, not for sense. */
export class IpamPlugin {
  readonly name: string
  readonly capabilities: IpamCapabilities
  readonly #plugin: Plugin

  private constructor(plugin: Plugin, capabilities: IpamCapabilities) {
    this.name = plugin.name
    this.#plugin = plugin
    this.capabilities = capabilities
  }

  /** Asks what the plugin needs; one that does not know the question needs nothing. */
  static async open(plugin: Plugin, options: CallOptions): Promise<IpamPlugin> {
    const said = await askDriver(plugin, ipamKind, 'GetCapabilities', undefined, options).catch((error: unknown) => {
      if (error instanceof PluginError && error.answered) return {}
      throw error
    })
    return new IpamPlugin(plugin, {
      requiresMac: 'RequiresMACAddress' in said && said['RequiresMACAddress'] === true,
      requiresReplay: 'RequiresRequestReplay' in said && said['RequiresRequestReplay'] === true,
    })
  }

  async defaultAddressSpaces(): Promise<{ readonly local: string; readonly global: string }> {
    const answer = await this.#ask('GetDefaultAddressSpaces', undefined)
    const text = (key: string) => textOf(this.#plugin, answer, key)
    return { local: text('LocalDefaultAddressSpace'), global: text('GlobalDefaultAddressSpace') }
  }

  async requestPool({ addressSpace, pool, subPool, options, v6 }: PoolRequest) {
    const body = { AddressSpace: addressSpace, Pool: pool, SubPool: subPool, Options: options, V6: v6 }
    const answer = await this.#ask('RequestPool', body)
    return {
      id: textOf(this.#plugin, answer, 'PoolID'),
      pool: textOf(this.#plugin, answer, 'Pool'),
      data: textsOf(this.#plugin, answer, 'Data'),
    }
  }

  /** @param address  `"10.0.0.5"`; empty: any @returns `"10.0.0.5/24"` */
  async requestAddress(
    poolId: string,
    address: string,
    options: Readonly<Record<string, string>> | null,
  ): Promise<string> {
    const answer = await this.#ask('RequestAddress', { PoolID: poolId, Address: address, Options: options })
    return textOf(this.#plugin, answer, 'Address')
  }

  /** Gives an address, or without one the whole pool, back. */
  async release({ poolId, address }: Release, options?: CallOptions): Promise<void> {
    if (address === undefined) await this.#ask('ReleasePool', { PoolID: poolId }, options)
    else await this.#ask('ReleaseAddress', { PoolID: poolId, Address: address }, options)
  }

  #ask(method: string, body: unknown, options?: CallOptions) {
    return askDriver(this.#plugin, ipamKind, method, body, options)
  }
}

/** What is given back: an address of a pool, or without one the pool itself. */
export interface Release {
  readonly poolId: string
  readonly address?: string
}
