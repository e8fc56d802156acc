import { EngineError } from '../../../base/errors.ts'
import { findLink } from '../../../kernel/netlink/links.ts'
import type { DriverContext, EndpointSpec, OpenSandbox } from '../../driver.ts'
import type { Family } from '../../ipam/prefix.ts'
import type { OwedRemoval } from '../../model.ts'
import type { EndpointTerms, EndpointWish, TermsSource } from '../../terms.ts'
import { isAnswered, isRefusal, type NetworkPlugin } from './network-plugin.ts'
import type { RemotePlan } from './plan.ts'
import type { PluginConnection } from './plugin-connection.ts'
import { wishAgain } from './wish-again.ts'

/** An endpoint that the plugin has. */
interface KnownEndpoint {
  readonly networkId: string
  isGateway: boolean
  /** The interface that lay ready in the host. */
  readonly source?: string
  /** As this process asked for it. */
  readonly wish?: EndpointWish
}

/**
 * What a plugin has of ours: networks, and endpoints with what was agreed upon for each: its interface, gateway and routes.
 *
 * An endpoint is agreed upon before it is drafted, since the plugin says what its gateway is and what its interface is called. From
 * the first call until its record is written its removal is recorded as owed: a killed engine leaves none behind.
 */
export class RemoteTerms implements TermsSource<RemotePlan> {
  /** That the plugin has, or will be told of, by id. */
  readonly networks = new Map<string, RemotePlan>()
  readonly #name: string
  readonly #connection: PluginConnection
  readonly #endpoints = new Map<string, KnownEndpoint>()

  /** @param name  of the plugin */
  constructor(name: string, connection: PluginConnection) {
    this.#name = name
    this.#connection = connection
  }

  recall(plan: RemotePlan, endpoints: Parameters<TermsSource['recall']>[1]): void {
    const { networkId } = plan
    this.networks.set(networkId, plan)
    for (const { id, isGateway } of endpoints) this.#endpoints.set(id, { networkId, isGateway })
  }

  farewell({ networkId }: RemotePlan): OwedRemoval {
    this.networks.delete(networkId)
    return this.#connection.removalOf({ networkId })
  }

  /** The interface that lay ready in the host; `""` when there was none, or nobody knows. */
  sourceOf(id: string): string {
    return this.#endpoints.get(id)?.source ?? ''
  }

  /** Of the networks that have endpoints. */
  usedNetworkIds(): ReadonlySet<string> {
    return new Set(Array.from(this.#endpoints.values(), ({ networkId }) => networkId))
  }

  /** Records that the plugin is to remove those that nobody wants. @returns their ids */
  oweUnwanted(wanted: ReadonlySet<string>): readonly string[] {
    const unwanted = [...this.#endpoints].filter(([id]) => !wanted.has(id))
    for (const [id, { networkId }] of unwanted) this.owe(networkId, id)
    return unwanted.map(([id]) => id)
  }

  /** Records that the plugin is to remove one. @returns false when it has none */
  owe(networkId: string, id: string): boolean {
    const known = this.#endpoints.get(id)
    if (known === undefined) return false
    this.#endpoints.delete(id)
    this.#connection.owe({ networkId, endpointId: id, isGateway: known.isGateway })
    return true
  }

  async skippedGateways(request: Parameters<TermsSource['skippedGateways']>[0]): Promise<readonly Family[]> {
    const plugin = await this.#connection.ready(true)
    return await plugin.skippedGateways({ ...request, hasIPv4: request.enableIPv4 })
  }

  async agree(plan: RemotePlan, wish: EndpointWish, { host }: DriverContext): Promise<EndpointTerms> {
    return await this.#agree(await this.#connection.ready(true), plan, wish, host)
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

  /** For an endpoint whose interface the plugin has lost, or that nobody has asked it for. @throws {EngineError} `unavailable` */
  async agreeAgain(
    plan: RemotePlan,
    endpoint: EndpointSpec,
    sandbox: OpenSandbox,
    { host }: DriverContext,
  ): Promise<EndpointTerms> {
    const { networkId } = plan
    const isNew = endpoint.terms === undefined
    // Who repairs does not wait for a plugin that is away: it is repaired when the plugin is there again.
    if (!isNew && !this.#connection.isGreeted) {
      throw new EngineError('unavailable', `Cannot plug in again: plugin "${this.#name}" is away`)
    }
    const known = this.#endpoints.get(endpoint.id)
    if (known !== undefined) this.#connection.owe({ networkId, endpointId: endpoint.id, isGateway: known.isGateway })
    const plugin = await this.#connection.ready(isNew)
    const { exposed = [], ports = [] } = known?.wish ?? {}
    const terms = await this.#agree(plugin, plan, { ...wishAgain(endpoint, sandbox), exposed, ports }, host)
    this.keep(plan, endpoint.id)
    return { ...terms, ...(endpoint.terms && { routes: endpoint.terms.routes }) }
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
    return new EngineError('internal', `plugin "${this.#name}" answers with interface "${source}", which is not there`)
  }
}
