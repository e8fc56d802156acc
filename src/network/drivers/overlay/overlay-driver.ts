import { existsSync } from 'node:fs'
import { ipBytes, macText } from '../../../wire/ip-address.ts'
import { vethName } from '../../cables/link-marks.ts'
import type {
  CablePlace,
  Changes,
  DriverContext,
  EndpointSpec,
  NetworkDriver,
  NetworkSpec,
  OpenSandbox,
  Ownership,
  Publishing,
} from '../../driver.ts'
import { ensureOverlayEndpoint } from './endpoint.ts'
import { ensureOverlay } from './ensure-overlay.ts'
import { dropEncryption } from './esp/encryption.ts'
import { examineOverlay } from './examine.ts'
import { overlayLabels } from './options.ts'
import { bridgeName, namespacePath, openOverlay, removeOverlay } from './overlay-namespace.ts'
import { overlayPeers } from './peers.ts'
import { type OverlayPlan, planOverlay } from './plan.ts'
import { sweepOverlays, type WantedOverlays } from './sweep-overlays.ts'

/** Networks of several hosts: a bridge on each, in a namespace of its own, and tunnels between them. */
export class OverlayDriver implements NetworkDriver<OverlayPlan> {
  readonly name = 'overlay'
  readonly traits = {
    scope: 'global',
    onlyPredefined: false,
    hasInterfaces: true,
    publishesPorts: false,
    providesGateway: false,
  } as const
  readonly peers = overlayPeers
  readonly examine = examineOverlay

  readonly backends: readonly NetworkDriver[]
  readonly #backends: ReadonlyMap<string, NetworkDriver>

  /** @param backends drivers that do the work where the option of that name says so */
  constructor(backends: Readonly<Record<string, NetworkDriver>> = {}) {
    this.#backends = new Map(Object.entries(backends))
    this.backends = Object.values(backends)
  }

  backendFor(options: NetworkSpec['options']): NetworkDriver | undefined {
    return this.#backends.get(options[overlayLabels.backend] ?? '')
  }

  plan(spec: NetworkSpec): OverlayPlan {
    return planOverlay(spec)
  }

  /** None of the host's. */
  hostInterface(): undefined {
    return undefined
  }

  interfacePrefix({ interfacePrefix }: OverlayPlan): string {
    return interfacePrefix
  }

  publishing(): Publishing {
    return { routed: [], opened: [] }
  }

  /** 02:42 and the IPv4 address: every host can tell it from the address alone. */
  macFor(address: string): string {
    const bytes = ipBytes(address)
    return macText(Uint8Array.of(0x02, 0x42, ...bytes.subarray(bytes.length - 4)))
  }

  /** Its packets reach the host's firewall inside the tunnel only. */
  elements(): readonly [] {
    return []
  }

  openPlace({ networkId }: OverlayPlan, { execRoot }: DriverContext): CablePlace | undefined {
    const open = openOverlay(namespacePath(execRoot, networkId))
    return open && { ...open, bridge: bridgeName, [Symbol.dispose]: () => open[Symbol.dispose]() }
  }

  ownership({ networkId }: OverlayPlan, { execRoot }: DriverContext): Ownership {
    return existsSync(namespacePath(execRoot, networkId)) ? 'ours' : 'missing'
  }

  async ensureNetwork(plan: OverlayPlan, context: DriverContext): Promise<Changes> {
    return ensureOverlay(plan, context)
  }

  async removeNetwork(plan: OverlayPlan, context: DriverContext): Promise<void> {
    await removeOverlay(namespacePath(context.execRoot, plan.networkId))
    dropEncryption(plan, context) // after: nothing leaves in clear text meanwhile
  }

  async ensureEndpoint(
    plan: OverlayPlan,
    endpoint: EndpointSpec,
    sandbox: OpenSandbox,
    context: DriverContext,
  ): Promise<Changes> {
    // Without etcd a container that starts again has the endpoint it had.
    await context.reaper.whenGone(vethName(endpoint.id))
    return ensureOverlayEndpoint(plan, endpoint, sandbox, context)
  }

  async removeEndpoint({ networkId }: OverlayPlan, { id }: EndpointSpec, context: DriverContext): Promise<void> {
    const { execRoot, reaper } = context
    const open = openOverlay(namespacePath(execRoot, networkId))
    if (open === undefined) return
    using _ = open
    await reaper.deleteFromSight(vethName(id), open.netlink)
  }

  abandonEndpoint({ networkId }: OverlayPlan, { id }: EndpointSpec, { execRoot, reaper }: DriverContext): void {
    reaper.expectGone(vethName(id), () => openOverlay(namespacePath(execRoot, networkId)))
  }

  async sweep(wanted: WantedOverlays, context: DriverContext): Promise<Changes> {
    return sweepOverlays(wanted, context)
  }
}
