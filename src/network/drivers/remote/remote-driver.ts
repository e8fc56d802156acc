import type { Background } from '../../../base/background.ts'
import type { Log } from '../../../base/log.ts'
import type { Plugins } from '../../../plugins/plugins.ts'
import { ipBytes, macText } from '../../../wire/ip-address.ts'
import type {
  Changes,
  DriverContext,
  DriverTraits,
  EndpointSpec,
  NetworkDriver,
  OpenSandbox,
  Publishing,
} from '../../driver.ts'
import { isAnswered, isRefusal, type NetworkPlugin } from './network-plugin.ts'
import { planRemote, type RemotePlan } from './plan.ts'
import { findInside, isMovedIn, isReady, moveIn, moveOut } from './plug-interface.ts'
import { PluginConnection, type RemovalBook } from './plugin-connection.ts'
import { RemoteTerms } from './remote-terms.ts'

/** What the drivers of all plugins share. */
export interface RemoteParts {
  readonly plugins: Plugins
  readonly book: RemovalBook
  readonly background: Background
  readonly log: Log
  /** A plugin is there again: containers of this network may have lost their interfaces meanwhile. */
  readonly onReturn: (networkId: string) => Promise<void>
}

/** A network driver that is a plugin: what a network is, and how containers are wired to it, is its business. */
export class RemoteDriver implements NetworkDriver<RemotePlan> {
  readonly name: string
  readonly terms: RemoteTerms
  readonly #parts: RemoteParts
  readonly #connection: PluginConnection

  constructor(name: string, parts: RemoteParts) {
    this.name = name
    this.#parts = parts
    const { plugins, book, log } = parts
    this.#connection = new PluginConnection({
      name,
      plugins,
      book,
      log,
      onGreeted: (plugin) => this.#tellAgain(plugin),
    })
    this.terms = new RemoteTerms(name, this.#connection)
  }

  get traits(): DriverTraits {
    const { scope } = this.#connection
    return { scope, onlyPredefined: false, hasInterfaces: true, publishesPorts: false, providesGateway: false }
  }

  /** @throws {EngineError} `not-found`, with Docker's words, when there is no such plugin; `internal` when it fails */
  async greet(): Promise<void> {
    await this.#connection.ready(true)
  }

  /** The engine has started: looks for the plugin once, and tells it what it is owed, and what it may have forgotten. */
  async resume(): Promise<void> {
    try {
      await this.#connection.ready(false)
    } catch (error) {
      this.#parts.log.warn('cannot reach the plugin of networks of ours', { plugin: this.name, error })
    }
  }

  plan = planRemote

  hostInterface(): undefined {
    return undefined
  }

  interfacePrefix(): string {
    return 'eth'
  }

  publishing(): Publishing {
    return { routed: [], opened: [] }
  }

  /** 02:42 and the IPv4 address; asked for only where the plugin makes no interface. */
  macFor(address: string): string {
    const bytes = ipBytes(address)
    return macText(Uint8Array.of(0x02, 0x42, ...bytes.subarray(bytes.length - 4)))
  }

  elements(): readonly [] {
    return []
  }

  ownership(): 'ours' {
    return 'ours'
  }

  async ensureNetwork(plan: RemotePlan): Promise<Changes> {
    if (this.terms.networks.has(plan.networkId)) return []
    const plugin = await this.#connection.ready(true)
    try {
      await plugin.createNetwork(plan)
    } catch (error) {
      // Else it may have made it: whoever undoes this tells it to remove it.
      if (!isRefusal(error)) this.terms.networks.set(plan.networkId, plan)
      if (!isAnswered(error)) this.#connection.doubt({ networkId: plan.networkId })
      throw error
    }
    this.terms.networks.set(plan.networkId, plan)
    return [`told plugin ${this.name} of a network`]
  }

  async removeNetwork({ networkId }: RemotePlan): Promise<void> {
    if (this.terms.networks.delete(networkId)) this.#connection.owe({ networkId })
    await this.#connection.settle()
  }

  async ensureEndpoint(
    plan: RemotePlan,
    endpoint: EndpointSpec,
    sandbox: OpenSandbox,
    context: DriverContext,
  ): Promise<Changes> {
    if (findInside(endpoint, sandbox) !== undefined || endpoint.terms?.source === '') return []
    const { terms } = endpoint
    const isMade = terms !== undefined && (isReady(terms, context) || isMovedIn(endpoint, sandbox))
    const agreed = isMade ? terms : await this.terms.agreeAgain(plan, endpoint, sandbox, context)
    moveIn(agreed, endpoint, sandbox, context.host)
    return [`moved ${agreed.source} into the container`]
  }

  async removeEndpoint(
    plan: RemotePlan,
    endpoint: EndpointSpec,
    context: DriverContext,
    sandbox?: OpenSandbox,
  ): Promise<void> {
    const source = endpoint.terms?.source ?? this.terms.sourceOf(endpoint.id)
    if (!this.terms.owe(plan.networkId, endpoint.id)) return
    if (sandbox !== undefined && source !== '') moveOut(source, endpoint, sandbox, context)
    await this.#connection.settle()
  }

  abandonEndpoint({ networkId }: RemotePlan, { id }: Pick<EndpointSpec, 'id'>): void {
    if (!this.terms.owe(networkId, id)) return
    this.#parts.background.run('take an endpoint away from a plugin', () => this.#connection.settle())
  }

  async sweep(wanted: {
    readonly networks: readonly RemotePlan[]
    readonly endpointIds: ReadonlySet<string>
  }): Promise<Changes> {
    const networkIds = new Set(wanted.networks.map(({ networkId }) => networkId))
    const networks = [...this.terms.networks.keys()].filter((id) => !networkIds.has(id))
    const endpointIds = this.terms.oweUnwanted(wanted.endpointIds)
    for (const networkId of networks) {
      this.terms.networks.delete(networkId)
      this.#connection.owe({ networkId })
    }
    await this.#connection.settle()
    return [...endpointIds.map((id) => `removed endpoint ${id}`), ...networks.map((id) => `removed network ${id}`)]
  }

  /** A plugin that remembers nothing needs its networks; one that knows them says so, and that is all. */
  async #tellAgain(plugin: NetworkPlugin): Promise<void> {
    const { log, background, onReturn } = this.#parts
    for (const plan of this.terms.networks.values()) {
      await plugin.createNetwork(plan).catch((error: unknown) => {
        if (!isRefusal(error)) throw error
        log.debug('a plugin knows a network, or does not take it', {
          plugin: this.name,
          network: plan.networkName,
          error,
        })
      })
    }
    for (const id of this.terms.usedNetworkIds()) background.run('plug containers in again', () => onReturn(id))
  }
}
