import type { Background } from '../../../base/background.ts'
import { EngineError } from '../../../base/errors.ts'
import type { Log } from '../../../base/log.ts'
import { findLink } from '../../../kernel/netlink/links.ts'
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
import type { Family } from '../../ipam/prefix.ts'
import type { EndpointTerms, EndpointWish, TermsSource } from '../../terms.ts'
import { isAnswered, isRefusal, type NetworkPlugin } from './network-plugin.ts'
import { planRemote, type RemotePlan } from './plan.ts'
import { findInside, isMovedIn, isReady, moveIn, moveOut } from './plug-interface.ts'
import { PluginConnection, type RemovalBook } from './plugin-connection.ts'
import { wishAgain } from './wish-again.ts'

/** What the drivers of all plugins share. */
export interface RemoteParts {
  readonly plugins: Plugins
  readonly book: RemovalBook
  readonly background: Background
  readonly log: Log
  /** A plugin is there again: containers of this network may have lost their interfaces meanwhile. */
  readonly onReturn: (networkId: string) => Promise<void>
}

/** An endpoint that the plugin has. */
interface KnownEndpoint {
  readonly networkId: string
  isGateway: boolean
  /** The interface that lay ready in the host. */
  readonly source?: string
  /** As this process asked for it. */
  readonly wish?: EndpointWish
}

/** A network driver that is a plugin: what a network is, and how containers are wired to it, is its business. */
export class RemoteDriver implements NetworkDriver<RemotePlan>, TermsSource<RemotePlan> {
  readonly name: string
  readonly #parts: RemoteParts
  readonly #connection: PluginConnection
  /** That the plugin has, or will be told of. */
  readonly #networks = new Map<string, RemotePlan>()
  readonly #endpoints = new Map<string, KnownEndpoint>()

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
  }

  get traits(): DriverTraits {
    const { scope } = this.#connection
    return { scope, onlyPredefined: false, hasInterfaces: true, publishesPorts: false, providesGateway: false }
  }

  get terms(): TermsSource<RemotePlan> {
    return this
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

  recall(
    { networkId, ...plan }: RemotePlan,
    endpoints: readonly { readonly id: string; readonly isGateway: boolean }[],
  ): void {
    this.#networks.set(networkId, { networkId, ...plan })
    for (const { id, isGateway } of endpoints) this.#endpoints.set(id, { networkId, isGateway })
  }

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
    if (this.#networks.has(plan.networkId)) return []
    const plugin = await this.#connection.ready(true)
    try {
      await plugin.createNetwork(plan)
    } catch (error) {
      // Else it may have made it: whoever undoes this tells it to remove it.
      if (!isRefusal(error)) this.#networks.set(plan.networkId, plan)
      if (!isAnswered(error)) this.#connection.doubt({ networkId: plan.networkId })
      throw error
    }
    this.#networks.set(plan.networkId, plan)
    return [`told plugin ${this.name} of a network`]
  }

  farewell({ networkId }: RemotePlan) {
    this.#networks.delete(networkId)
    return this.#connection.removalOf({ networkId })
  }

  async removeNetwork({ networkId }: RemotePlan): Promise<void> {
    if (this.#networks.delete(networkId)) this.#connection.owe({ networkId })
    await this.#connection.settle()
  }

  async skippedGateways(request: Parameters<TermsSource['skippedGateways']>[0]): Promise<readonly Family[]> {
    const plugin = await this.#connection.ready(true)
    return await plugin.skippedGateways({ ...request, hasIPv4: request.enableIPv4 })
  }

  async agree(plan: RemotePlan, wish: EndpointWish, { host }: DriverContext): Promise<EndpointTerms> {
    return await this.#agree(await this.#connection.ready(true), plan, wish, host)
  }

  async #agree(
    plugin: NetworkPlugin,
    { networkId }: RemotePlan,
    wish: EndpointWish,
    host: DriverContext['host'],
  ): Promise<EndpointTerms> {
    const removal = { networkId, endpointId: wish.id }
    this.#connection.owe(removal, true)
    try {
      const face = await plugin.createEndpoint(networkId, wish).catch((error: unknown) => {
        if (isRefusal(error)) this.#connection.drop(removal)
        if (!isAnswered(error)) this.#connection.doubt(removal)
        throw error
      })
      const terms = { ...face, ...(await plugin.join(networkId, wish)) }
      this.#endpoints.set(wish.id, { networkId, isGateway: false, wish, source: terms.source })
      const link = terms.source === '' ? undefined : findLink(host, terms.source)
      if (terms.source !== '' && link === undefined) throw this.#noInterface(terms)
      return { ...(wish.mac === undefined && link && { mac: link.mac }), ...terms }
    } catch (error) {
      this.#endpoints.delete(wish.id)
      this.#connection.release(removal)
      await this.#connection.settle()
      throw error
    }
  }

  #noInterface({ source }: EndpointTerms): EngineError {
    return new EngineError('internal', `plugin "${this.name}" answers with interface "${source}", which is not there`)
  }

  keep({ networkId }: RemotePlan, endpointId: string): void {
    this.#connection.drop({ networkId, endpointId })
  }

  async setGateway({ networkId }: RemotePlan, wish: EndpointWish, isGateway: boolean): Promise<void> {
    const known = this.#endpoints.get(wish.id)
    if (known === undefined || known.isGateway === isGateway) return
    const plugin = await this.#connection.ready(true)
    known.isGateway = isGateway // before: it may be done, and be said to have failed
    await plugin.setGateway(networkId, known.wish ?? wish, isGateway)
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
    const agreed = isMade ? terms : await this.#agreeAgain(plan, endpoint, sandbox, context)
    moveIn(agreed, endpoint, sandbox, context.host)
    return [`moved ${agreed.source} into the container`]
  }

  /** The plugin has lost the interface, or nobody has asked it for one. */
  async #agreeAgain(
    plan: RemotePlan,
    endpoint: EndpointSpec,
    sandbox: OpenSandbox,
    { host }: DriverContext,
  ): Promise<EndpointTerms> {
    const { networkId } = plan
    const isNew = endpoint.terms === undefined
    // Who repairs does not wait for a plugin that is away: it is repaired when the plugin is there again.
    if (!isNew && !this.#connection.isGreeted) {
      throw new EngineError('unavailable', `Cannot plug in again: plugin "${this.name}" is away`)
    }
    const known = this.#endpoints.get(endpoint.id)
    if (known !== undefined) this.#connection.owe({ networkId, endpointId: endpoint.id, isGateway: known.isGateway })
    const plugin = await this.#connection.ready(isNew)
    const { exposed = [], ports = [] } = known?.wish ?? {}
    const terms = await this.#agree(plugin, plan, { ...wishAgain(endpoint, sandbox), exposed, ports }, host)
    this.keep(plan, endpoint.id)
    return { ...terms, ...(endpoint.terms && { routes: endpoint.terms.routes }) }
  }

  async removeEndpoint(
    plan: RemotePlan,
    endpoint: EndpointSpec,
    context: DriverContext,
    sandbox?: OpenSandbox,
  ): Promise<void> {
    const source = endpoint.terms?.source ?? this.#endpoints.get(endpoint.id)?.source ?? ''
    if (!this.#oweEndpoint(plan.networkId, endpoint.id)) return
    if (sandbox !== undefined && source !== '') moveOut(source, endpoint, sandbox, context)
    await this.#connection.settle()
  }

  abandonEndpoint({ networkId }: RemotePlan, { id }: Pick<EndpointSpec, 'id'>): void {
    if (!this.#oweEndpoint(networkId, id)) return
    this.#parts.background.run('take an endpoint away from a plugin', () => this.#connection.settle())
  }

  #oweEndpoint(networkId: string, id: string): boolean {
    const known = this.#endpoints.get(id)
    if (known === undefined) return false
    this.#endpoints.delete(id)
    this.#connection.owe({ networkId, endpointId: id, isGateway: known.isGateway })
    return true
  }

  async sweep(wanted: {
    readonly networks: readonly RemotePlan[]
    readonly endpointIds: ReadonlySet<string>
  }): Promise<Changes> {
    const networkIds = new Set(wanted.networks.map(({ networkId }) => networkId))
    const endpoints = [...this.#endpoints].filter(([id]) => !wanted.endpointIds.has(id))
    const networks = [...this.#networks.keys()].filter((id) => !networkIds.has(id))
    for (const [id, { networkId }] of endpoints) this.#oweEndpoint(networkId, id)
    for (const networkId of networks) {
      this.#networks.delete(networkId)
      this.#connection.owe({ networkId })
    }
    await this.#connection.settle()
    return [...endpoints.map(([id]) => `removed endpoint ${id}`), ...networks.map((id) => `removed network ${id}`)]
  }

  /** A plugin that remembers nothing needs its networks; one that knows them says so, and that is all. */
  async #tellAgain(plugin: NetworkPlugin): Promise<void> {
    const { log, background, onReturn } = this.#parts
    for (const plan of this.#networks.values()) {
      await plugin.createNetwork(plan).catch((error: unknown) => {
        if (!isRefusal(error)) throw error
        log.debug('a plugin knows a network, or does not take it', {
          plugin: this.name,
          network: plan.networkName,
          error,
        })
      })
    }
    const used = new Set(Array.from(this.#endpoints.values(), ({ networkId }) => networkId))
    for (const id of used) background.run('plug containers in again', () => onReturn(id))
  }
}
