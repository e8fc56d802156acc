import { findLink } from '../../../kernel/netlink/links.ts'
import { ipBytes, macText } from '../../../wire/ip-address.ts'
import { networkMark, vethName } from '../../cables/link-marks.ts'
import type {
  Changes,
  DriverContext,
  EndpointSpec,
  NetworkDriver,
  NetworkSpec,
  OpenSandbox,
  Ownership,
  Publishing,
} from '../../driver.ts'
import type { Family } from '../../ipam/prefix.ts'
import { ensureBridgeEndpoint } from './endpoint.ts'
import { ensureBridge, isAdopted } from './ensure-bridge.ts'
import { followedMtu } from './mtu.ts'
import { bridgeLabels, parseBridgeOptions } from './options.ts'
import { type BridgePlan, bridgeElements, bridgePublishing, planBridge } from './plan.ts'
import { sweepBridges, type WantedBridges } from './sweep-bridges.ts'

/** Networks of one host: a bridge in the kernel, a cable for each container, the way out by masquerade. */
export class BridgeDriver implements NetworkDriver<BridgePlan> {
  readonly name = 'bridge'
  readonly traits = {
    scope: 'local',
    onlyPredefined: false,
    hasInterfaces: true,
    publishesPorts: true,
    providesGateway: true,
  } as const
  readonly #uplinkMtu: () => number
  readonly #directRouting: boolean

  /**
   * @param uplinkMtu     bytes that the host's way out carries now
   * @param directRouting published ports are reached at the containers' own addresses too
   */
  constructor({ uplinkMtu, directRouting }: { readonly uplinkMtu: () => number; readonly directRouting: boolean }) {
    this.#uplinkMtu = uplinkMtu
    this.#directRouting = directRouting
  }

  plan(spec: NetworkSpec): BridgePlan {
    return planBridge(spec, this.#directRouting)
  }

  followedMtu(plan: BridgePlan, uplinkMtu: number): number | undefined {
    return plan.mtu === undefined ? followedMtu(plan, uplinkMtu) : undefined
  }

  hostInterface({ bridge }: BridgePlan): string {
    return bridge
  }

  /** Docker's default network always says how large its packets are. */
  shownOptions(plan: BridgePlan, options: NetworkSpec['options'], context: DriverContext): NetworkSpec['options'] {
    return { ...options, [bridgeLabels.mtu]: String(this.#cableMtu(plan, context)) }
  }

  interfacePrefix({ options }: BridgePlan): string {
    return options.interfacePrefix
  }

  /** An isolated network has no gateway; nor has one that nobody goes out by and whose bridge has no address. */
  freeOfGateway({ internal, options }: Pick<NetworkSpec, 'internal' | 'options'>): readonly Family[] {
    const { gatewayMode4, gatewayMode6, inhibitIPv4 } = parseBridgeOptions(options)
    const free4 = gatewayMode4 === 'isolated' || (inhibitIPv4 && internal)
    return [...(free4 ? (['ipv4'] as const) : []), ...(gatewayMode6 === 'isolated' ? (['ipv6'] as const) : [])]
  }

  publishing(plan: BridgePlan): Publishing {
    return bridgePublishing(plan)
  }

  /** 02:42 and the IPv4 address, so that it can be computed by whoever knows the address. */
  macFor(address: string): string {
    const bytes = ipBytes(address)
    return macText(Uint8Array.of(0x02, 0x42, ...bytes.subarray(bytes.length - 4)))
  }

  elements(plan: BridgePlan): ReturnType<typeof bridgeElements> {
    return bridgeElements(plan)
  }

  ownership(plan: BridgePlan, { host }: DriverContext): Ownership {
    const link = findLink(host, plan.bridge)
    if (link === undefined) return 'missing'
    if (link.alias === networkMark(plan.networkId) || link.mac === plan.mac) return 'ours'
    return plan.adopts ? 'lent' : 'foreign'
  }

  async ensureNetwork(plan: BridgePlan, context: DriverContext): Promise<Changes> {
    return ensureBridge(plan, this.#mtu(plan), context)
  }

  async removeNetwork(plan: BridgePlan, { host, reaper }: DriverContext): Promise<void> {
    const link = findLink(host, plan.bridge)
    if (link !== undefined && !isAdopted(plan, link)) reaper.condemn(plan.bridge)
  }

  async ensureEndpoint(
    plan: BridgePlan,
    endpoint: EndpointSpec,
    sandbox: OpenSandbox,
    context: DriverContext,
  ): Promise<Changes> {
    const mtu = this.#cableMtu(plan, context)
    await context.reaper.whenGone(vethName(endpoint.id))
    return ensureBridgeEndpoint({ plan, mtu }, endpoint, sandbox, context)
  }

  async removeEndpoint(_plan: BridgePlan, { id }: EndpointSpec, { reaper }: DriverContext): Promise<void> {
    await reaper.deleteFromSight(vethName(id))
  }

  abandonEndpoint(_plan: BridgePlan, { id }: EndpointSpec, { reaper }: DriverContext): void {
    reaper.expectGone(vethName(id))
  }

  async sweep(wanted: WantedBridges, context: DriverContext): Promise<Changes> {
    return sweepBridges(wanted, context)
  }

  #mtu(plan: BridgePlan): number {
    return plan.mtu ?? followedMtu(plan, this.#uplinkMtu())
  }

  /** What goes through somebody else's bridge is as large as that one is. */
  #cableMtu(plan: BridgePlan, { host }: DriverContext): number {
    const lender = plan.adopts && plan.mtu === undefined ? findLink(host, plan.bridge) : undefined
    return lender !== undefined && isAdopted(plan, lender) ? lender.mtu : this.#mtu(plan)
  }
}
