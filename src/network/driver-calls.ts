import type {
  CablePlace,
  Changes,
  Difference,
  DriverContext,
  EndpointSpec,
  NetworkDriver,
  NetworkSpec,
  OpenSandbox,
  Ownership,
} from './driver.ts'
import type { DriverRegistry } from './drivers/driver-registry.ts'
import type { Element } from './firewall/elements.ts'
import type { EndpointRecord, NetworkRecord } from './model.ts'
import { defaultNetwork } from './networks/predefined-names.ts'
import type { PeerSpec } from './peers.ts'

/** A network with its driver and plan in hand: records in, the driver's own terms out. */
export interface DrivenNetwork {
  readonly record: NetworkRecord
  readonly driver: NetworkDriver
  readonly plan: unknown
}

interface DriverCallsParts {
  readonly registry: DriverRegistry
  readonly context: DriverContext
  readonly peersOf?: (networkId: string) => readonly PeerSpec[]
}

/** Puts the drivers' interface in terms of records. Plans are made once for each network, and kept. */
export class DriverCalls {
  readonly #registry: DriverRegistry
  /** What every driver may touch. */
  readonly context: DriverContext
  readonly #peersOf: (networkId: string) => readonly PeerSpec[]
  readonly #driven = new Map<string, DrivenNetwork>()
  /** Networks by the interface of the host that they cannot do without. */
  readonly #byInterface = new Map<string, NetworkRecord>()
  /** Ids of networks by the interfaces of the host that they sit on. */
  readonly #byParent = new Map<string, Set<string>>()

  /** @param peersOf all endpoints of a network on other hosts, as far as anybody knows now; none unless told */
  constructor({ registry, context, peersOf = () => [] }: DriverCallsParts) {
    this.#registry = registry
    this.context = context
    this.#peersOf = peersOf
  }

  /** @throws {EngineError} when the driver does not exist, or cannot make sense of the network's options */
  of(record: NetworkRecord): DrivenNetwork {
    const known = this.#driven.get(record.id)
    if (known?.record === record) return known
    const driver = this.#registry.driverFor(record.driver, record.options)
    const plan = driver.plan(specOf(record))
    const driven = { record, driver, plan }
    this.forget(record.id)
    this.#driven.set(record.id, driven)
    const name = driver.hostInterface(plan)
    if (name !== undefined && !this.#byInterface.has(name)) this.#byInterface.set(name, record)
    for (const parent of driver.parents?.(plan) ?? []) {
      this.#byParent.set(parent, (this.#byParent.get(parent) ?? new Set()).add(record.id))
    }
    return driven
  }

  /** Like `of`, for a network and endpoints that were there before this process. */
  recall(record: NetworkRecord, endpoints: readonly EndpointRecord[]): void {
    this.#registry.recall(record.driver)
    const { driver, plan } = this.of(record)
    const known = endpoints.map(({ id, terms }) => ({
      id,
      isGateway: (terms?.gateway ?? terms?.gateway6) !== undefined,
    }))
    driver.terms?.recall(plan, known)
  }

  /** Forgets a network that is gone. */
  forget(networkId: string): void {
    const known = this.#driven.get(networkId)
    if (known === undefined) return
    this.#driven.delete(networkId)
    const name = known.driver.hostInterface(known.plan)
    if (name !== undefined && this.#byInterface.get(name) === known.record) this.#byInterface.delete(name)
    for (const parent of known.driver.parents?.(known.plan) ?? []) {
      const ids = this.#byParent.get(parent)
      ids?.delete(networkId)
      if (ids?.size === 0) this.#byParent.delete(parent)
    }
  }

  /** Which of the networks that were asked about so far has an interface of the host. */
  ownerOf(hostInterface: string): NetworkRecord | undefined {
    return this.#byInterface.get(hostInterface)
  }

  /** Ids of the networks, of those that were asked about so far, that sit on an interface of the host. */
  sittingOn(hostInterface: string): ReadonlySet<string> {
    return this.#byParent.get(hostInterface) ?? new Set()
  }

  /** The interfaces of the host that a network sits on, the nearest first. */
  parents(record: NetworkRecord): readonly string[] {
    const { driver, plan } = this.of(record)
    return driver.parents?.(plan) ?? []
  }

  elements(record: NetworkRecord): readonly Element[] {
    const { driver, plan } = this.of(record)
    return driver.elements(plan)
  }

  /** The name of the host's interface that the network cannot do without. */
  hostInterface(record: NetworkRecord): string | undefined {
    const { driver, plan } = this.of(record)
    return driver.hostInterface(plan)
  }

  /** A network as clients see it. */
  shown(record: NetworkRecord): NetworkRecord {
    if (record.name !== defaultNetwork) return record
    const { driver, plan } = this.of(record)
    const options = driver.shownOptions?.(plan, record.options, this.context)
    return options === undefined ? record : { ...record, options }
  }

  /** True: its bridge and cables are in a namespace of its own. */
  isApart(record: NetworkRecord): boolean {
    return this.of(record).driver.openPlace !== undefined
  }

  /** Opens the namespace of a network that is apart; undefined while there is none. */
  openPlace(record: NetworkRecord): CablePlace | undefined {
    const { driver, plan } = this.of(record)
    return driver.openPlace?.(plan, this.context)
  }

  ownership(record: NetworkRecord): Ownership {
    const { driver, plan } = this.of(record)
    return driver.ownership(plan, this.context)
  }

  /** Makes the network, and all that is known of its endpoints on other hosts. */
  async ensureNetwork(record: NetworkRecord): Promise<Changes> {
    const { driver, plan } = this.of(record)
    const changes = await driver.ensureNetwork(plan, this.context)
    if (driver.peers === undefined) return changes
    return [...changes, ...(await driver.peers.ensure(plan, this.#peersOf(record.id), this.context))]
  }

  /** What the kernel holds of the network otherwise than it should. */
  examine(record: NetworkRecord): readonly Difference[] {
    const { driver, plan } = this.of(record)
    return driver.examine?.(plan, this.#peersOf(record.id), this.context) ?? []
  }

  /** Refuses other hosts that this one cannot reach on the network. @throws {EngineError} naming them */
  checkPeers(record: NetworkRecord): void {
    const { driver, plan } = this.of(record)
    driver.peers?.check?.(plan, this.#peersOf(record.id), this.context)
  }

  /** Endpoints on other hosts that are new, or have moved. Of drivers without peers: nothing. */
  async addPeers(record: NetworkRecord, peers: readonly PeerSpec[]): Promise<void> {
    const { driver, plan } = this.of(record)
    await driver.peers?.add(plan, peers, this.context)
  }

  /** Endpoints that are gone from other hosts. */
  async removePeers(record: NetworkRecord, peers: readonly PeerSpec[]): Promise<void> {
    const { driver, plan } = this.of(record)
    await driver.peers?.remove(plan, peers, this.context)
  }

  /** Whether an encrypted network's secret has carried so much that it is time for the next. */
  isWorn(record: NetworkRecord): boolean {
    const { driver, plan } = this.of(record)
    return driver.peers?.isWorn?.(plan, this.context) ?? false
  }

  removeNetwork(record: NetworkRecord): Promise<void> {
    const { driver, plan } = this.of(record)
    return driver.removeNetwork(plan, this.context)
  }

  ensureEndpoint(network: NetworkRecord, endpoint: EndpointRecord, sandbox: OpenSandbox): Promise<Changes> {
    const { driver, plan } = this.of(network)
    return driver.ensureEndpoint(plan, endpointSpec(endpoint), sandbox, this.context)
  }

  /** @param sandbox undefined: the container's namespace is about to end */
  removeEndpoint(network: NetworkRecord, endpoint: EndpointRecord, sandbox?: OpenSandbox): Promise<void> {
    const { driver, plan } = this.of(network)
    return driver.removeEndpoint(plan, endpointSpec(endpoint), this.context, sandbox)
  }

  abandonEndpoint(network: NetworkRecord, endpoint: EndpointRecord): void {
    const { driver, plan } = this.of(network)
    driver.abandonEndpoint(plan, endpointSpec(endpoint), this.context)
  }

  /** Removes from the host what nobody wants. @returns what was removed, in words */
  async sweep(networks: readonly NetworkRecord[], endpointIds: ReadonlySet<string>): Promise<string[]> {
    const driven = networks.flatMap((record): Pick<DrivenNetwork, 'driver' | 'plan'>[] => {
      const { driver, plan } = this.of(record)
      const underlying = driver.underlying?.(plan)
      return [{ driver, plan }, ...(underlying ? [underlying] : [])]
    })
    const removed: string[] = []
    for (const driver of this.#registry.all()) {
      const plans = driven.filter((network) => network.driver === driver).map(({ plan }) => plan)
      removed.push(...(await driver.sweep({ networks: plans, endpointIds }, this.context)))
    }
    return removed
  }
}

/** A network's record as a driver wants it. */
export function specOf(record: NetworkRecord): NetworkSpec {
  const { id, name, internal, enableIPv6, options, ipam, shared } = record
  return {
    id,
    name,
    internal,
    enableIPv6,
    options,
    isDefault: name === defaultNetwork,
    subnets: ipam.configs.map(({ subnet, gateway, auxAddresses }, i) => {
      const vni = shared?.vnis[i]
      return {
        prefix: subnet,
        ...(gateway && { gateway }),
        ...(vni !== undefined && { vni }),
        ...(auxAddresses && { auxAddresses }),
      }
    }),
    ...(shared && { underlayMtu: shared.underlayMtu }),
    ...(shared?.block && { hostBlock: { prefix: shared.block.subnet, gateway: shared.block.gateway! } }),
  }
}

function endpointSpec(record: EndpointRecord): EndpointSpec {
  const { id, ipv4, ipv6, linkLocal = [], mac, interfaceName, driverOptions, terms } = record
  const addresses = [ipv4, ipv6, ...linkLocal].filter((cidr) => cidr !== undefined)
  return { id, mac, interfaceName, driverOptions, addresses, ...(terms && { terms }) }
}
