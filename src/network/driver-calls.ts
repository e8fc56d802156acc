import type {
  Changes,
  DriverContext,
  EndpointSpec,
  NetworkDriver,
  NetworkSpec,
  OpenSandbox,
  Ownership,
} from './driver.ts'
import type { Element } from './firewall/elements.ts'
import type { EndpointRecord, NetworkRecord } from './model.ts'
import { defaultNetwork } from './predefined-names.ts'
import type { DriverRegistry } from './registry.ts'

/** A network with its driver and plan in hand: records in, the driver's own terms out. */
export interface DrivenNetwork {
  readonly record: NetworkRecord
  readonly driver: NetworkDriver
  readonly plan: unknown
}

/** Puts the drivers' interface in terms of records. Plans are made once for each network, and kept. */
export class DriverCalls {
  readonly #registry: DriverRegistry
  readonly #context: DriverContext
  readonly #driven = new Map<string, DrivenNetwork>()

  constructor({ registry, context }: { registry: DriverRegistry; context: DriverContext }) {
    this.#registry = registry
    this.#context = context
  }

  /** @throws {EngineError} when the driver does not exist, or cannot make sense of the network's options */
  of(record: NetworkRecord): DrivenNetwork {
    const known = this.#driven.get(record.id)
    if (known?.record === record) return known
    const driver = this.#registry.driver(record.driver)
    const driven = { record, driver, plan: driver.plan(specOf(record)) }
    this.#driven.set(record.id, driven)
    return driven
  }

  /** Forgets a network that is gone. */
  forget(networkId: string): void {
    this.#driven.delete(networkId)
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

  ownership(record: NetworkRecord): Ownership {
    const { driver, plan } = this.of(record)
    return driver.ownership(plan, this.#context)
  }

  ensureNetwork(record: NetworkRecord): Promise<Changes> {
    const { driver, plan } = this.of(record)
    return driver.ensureNetwork(plan, this.#context)
  }

  removeNetwork(record: NetworkRecord): Promise<void> {
    const { driver, plan } = this.of(record)
    return driver.removeNetwork(plan, this.#context)
  }

  ensureEndpoint(network: NetworkRecord, endpoint: EndpointRecord, sandbox: OpenSandbox): Promise<Changes> {
    const { driver, plan } = this.of(network)
    return driver.ensureEndpoint(plan, endpointSpec(endpoint), sandbox, this.#context)
  }

  removeEndpoint(network: NetworkRecord, endpoint: EndpointRecord): Promise<void> {
    const { driver, plan } = this.of(network)
    return driver.removeEndpoint(plan, endpointSpec(endpoint), this.#context)
  }

  abandonEndpoint(network: NetworkRecord, endpoint: EndpointRecord): void {
    const { driver, plan } = this.of(network)
    driver.abandonEndpoint(plan, endpointSpec(endpoint), this.#context)
  }

  /** Removes from the host what nobody wants. @returns what was removed, in words */
  async sweep(networks: readonly NetworkRecord[], endpointIds: ReadonlySet<string>): Promise<string[]> {
    const driven = networks.map((record) => this.of(record))
    const removed: string[] = []
    for (const driver of this.#registry.all()) {
      const plans = driven.filter((network) => network.driver === driver).map(({ plan }) => plan)
      removed.push(...(await driver.sweep({ networks: plans, endpointIds }, this.#context)))
    }
    return removed
  }
}

/** A network's record as a driver wants it. */
export function specOf(record: NetworkRecord): NetworkSpec {
  const { id, name, internal, enableIPv6, options, ipam } = record
  return {
    id,
    name,
    internal,
    enableIPv6,
    options,
    isDefault: name === defaultNetwork,
    subnets: ipam.configs.map(({ subnet, gateway }) => ({ prefix: subnet, ...(gateway && { gateway }) })),
  }
}

function endpointSpec(record: EndpointRecord): EndpointSpec {
  const { id, ipv4, ipv6, linkLocal = [], mac, interfaceName, driverOptions } = record
  const addresses = [ipv4, ipv6, ...linkLocal].filter((cidr) => cidr !== undefined)
  return { id, mac, interfaceName, driverOptions, addresses }
}
