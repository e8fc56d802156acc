import type { DriverContext } from './driver.ts'
import type { Family } from './ipam/prefix.ts'
import type { OwedRemoval } from './model.ts'
import type { NetworkRequest, PortWish, SandboxWish } from './networking.ts'

/** What a container asks of a driver that has terms. */
export interface EndpointWish {
  readonly id: string
  /** `"10.0.0.2/24"`; absent: the driver may choose. */
  readonly ipv4?: string
  readonly ipv6?: string
  readonly mac?: string
  readonly driverOptions: Readonly<Record<string, string>>
  /** Of the container's namespace, which need not be there yet. */
  readonly sandboxPath: string
  readonly exposed: NonNullable<SandboxWish['exposed']>
  readonly ports: readonly PortWish[]
}

/** How an endpoint is, where the driver decides that for each one. */
export interface EndpointTerms {
  /** The interface that lies ready in the host's namespace; empty: the endpoint has none. */
  readonly source: string
  /** Before the number, in the container: `"eth"`. */
  readonly prefix: string
  /** What the driver chose of these: `"10.0.0.2/24"`. */
  readonly ipv4?: string
  readonly ipv6?: string
  readonly mac?: string
  readonly gateway?: string
  readonly gateway6?: string
  /** The interface itself leads outside. */
  readonly leadsOutside?: true
  readonly routes: readonly TermsRoute[]
  /** The container is not to get a way out of the engine's because of this endpoint. */
  readonly staysInside?: true
}

/** A route of a container that is no default one. */
export interface TermsRoute {
  readonly to: string
  /** Absent: on the link itself. */
  readonly via?: string
}

/**
 * How drivers are asked that decide for each endpoint how it looks, and take their time over it: programs that somebody
 * else wrote. The endpoint is theirs from `agree` on, before it is drafted and recorded.
 */
export interface TermsSource<Plan = unknown> {
  /** What was there before this process: the driver need not make it, and may have lost it. */
  recall(plan: Plan, endpoints: readonly { readonly id: string; readonly isGateway: boolean }[]): void
  /** Asks for which families a network that is to be made needs no gateway, unless somebody names one. */
  skippedGateways(
    request: Pick<NetworkRequest, 'options' | 'internal' | 'enableIPv4' | 'enableIPv6'>,
  ): Promise<readonly Family[]>
  /** Asks for an endpoint. It goes away again with `removeEndpoint`, or when the engine dies, unless it is kept. */
  agree(plan: Plan, wish: EndpointWish, context: DriverContext): Promise<EndpointTerms>
  /** The endpoint is recorded. */
  keep(plan: Plan, endpointId: string): void
  /** The container goes out by this endpoint, or does no more. */
  setGateway(plan: Plan, wish: EndpointWish, isGateway: boolean): Promise<void>
  /** What to record in the same step in which the network's record goes; `removeNetwork` follows. */
  farewell(plan: Plan): OwedRemoval
}
