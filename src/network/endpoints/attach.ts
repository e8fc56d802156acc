import type { DriverContext, OpenSandbox } from '../driver.ts'

/** Who is to be plugged in, by a driver that chooses addresses itself. */
export interface AttachWish {
  /** Of the endpoint that will be. */
  readonly id: string
  readonly containerId: string
  readonly containerName: string
  readonly interfaceName: string
  /** A hardware address that the container insists on. */
  readonly mac?: string
  readonly aliases: readonly string[]
}

/** What somebody else's plugin has said of an endpoint, besides what every endpoint has. */
export interface PluginFacts {
  /** `"10.0.0.0/8"`, `"0.0.0.0/0"` */
  readonly routes: readonly { readonly to: string; readonly via?: string }[]
  readonly nameservers: readonly string[]
  readonly search: readonly string[]
  readonly options: readonly string[]
}

/** What plugging in came to. */
export interface Attached {
  readonly interfaceName: string
  /** `"10.0.0.2/24"` */
  readonly ipv4?: string
  readonly ipv6?: string
  /** Empty where the interface has none. */
  readonly mac: string
  /** Next hops of the default routes. */
  readonly gateway?: string
  readonly gateway6?: string
  /** The interface itself leads outside: default routes by it have no next hop. */
  readonly leadsOutside?: true
  readonly told: PluginFacts
}

/**
 * How a driver plugs containers in that leaves the choice of addresses and ways out to somebody else's program.
 *
 * The namespace is there before; the endpoint is recorded afterwards, with what came of it. The driver itself remembers
 * from before its first step on that it has begun, so that nothing is lost when the engine dies.
 */
export interface Attacher<Plan = unknown> {
  /**
   * Looks at the options of a new network, and fills in what has to be read now and once: files that are named in them
   * may change later.
   *
   * @throws {EngineError} for options that cannot be
   */
  settleOptions(
    network: string,
    options: Readonly<Record<string, string>>,
    context: DriverContext,
  ): Promise<Readonly<Record<string, string>>>
  /** @throws {EngineError} when it cannot be; nothing is left then. `removeEndpoint` undoes it. */
  attach(plan: Plan, wish: AttachWish, sandbox: OpenSandbox, context: DriverContext): Promise<Attached>
}
