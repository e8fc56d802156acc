import { randomBytes } from 'node:crypto'
import { EngineError } from '../../base/errors.ts'
import { type Family, requirePrefix } from '../ipam/prefix.ts'
import { type IpamPlugin, ipamLabels, type Release } from '../ipam/remote/ipam-plugin.ts'
import { owedRecord } from '../ipam/remote/owed.ts'
import { isRemote } from '../ipam/remote/remote-ipam.ts'
import { poolOf } from '../ipam/remote/replay.ts'
import { requestInside } from '../ipam/remote/request-pools.ts'
import type { EndpointRecord, NetworkRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { AttachmentWish, SandboxWish } from '../networking.ts'
import { requireShared } from '../shared/require-shared.ts'
import type { EndpointTerms } from '../terms.ts'
import { type AgreedEndpoint, agreeOnEndpoint, hasTerms } from './agree-endpoints.ts'
import type { Attached } from './attach.ts'
import { chosenMac } from './endpoint-options.ts'

/** Addresses of one endpoint that a plugin has lent: `"10.0.0.5/24"`. */
export interface LentLease {
  readonly ipv4?: string
  readonly ipv6?: string
  /** The hardware address that the plugin was told. */
  readonly mac?: string
  /** What all hosts call the endpoint already. */
  readonly id?: string
  /** It is plugged in already, by whoever chose the addresses. */
  readonly attached?: Attached
  /** Its driver has agreed to it: the addresses are booked already where they are our own. */
  readonly terms?: EndpointTerms
}

/** What plugins have lent to a container that is being connected; given back unless it is kept. */
export interface LentLeases extends Disposable {
  /** Undefined for networks whose addresses are our own. */
  of(networkId: string): LentLease | undefined
  /** Its endpoints are recorded: only what none of them has is given back. */
  keep(): void
}

/** A network that a container is to be on. */
interface Joining {
  readonly network: NetworkRecord
  readonly wish: AttachmentWish
}

/**
 * Asks plugins for a container's addresses, and for endpoints where they make them. This is the part of connecting that waits for somebody else: endpoints are
 * drafted and recorded afterwards, in one synchronous step, against what is there then.
 *
 * @throws {EngineError} with Docker's words; nothing is kept then
 */
export async function lendAddresses(
  parts: NetworkParts,
  joining: readonly Joining[],
  container: SandboxWish,
  sandboxPath: string,
): Promise<LentLeases> {
  const leases = new Map<string, LentLease>()
  const lent: { readonly network: NetworkRecord; readonly taken: readonly Release[] }[] = []
  using undo = new DisposableStack()
  for (const one of joining.filter(({ network }) => network.shared !== undefined)) {
    const lease = await requireShared(parts.shared, one.network).reserve(one, container)
    undo.defer(() => parts.shared?.release([{ id: lease.id, networkId: one.network.id }]))
    leases.set(one.network.id, lease)
  }
  for (const one of joining.filter(({ network }) => isRemote(network))) {
    const plugin = await parts.remoteIpam.driver(one.network.ipam.driver)
    const taken: Release[] = []
    lent.push({ network: one.network, taken })
    undo.defer(() => giveBack(parts, one.network, taken))
    leases.set(
      one.network.id,
      await requestLease(plugin, one, container.containerName, (release) => taken.push(release)),
    )
  }
  const agreed: AgreedEndpoint[] = []
  for (const one of joining.filter(({ network }) => hasTerms(parts, network))) {
    const { id } = one.network
    const endpoint = undo.use(await agreeOnEndpoint(parts, one, container, sandboxPath, leases.get(id)))
    agreed.push(endpoint)
    leases.set(id, endpoint.lease)
  }
  const owned = undo.move()
  return {
    of: (networkId) => leases.get(networkId),
    keep() {
      owned.move()
      for (const endpoint of agreed) endpoint.keep()
      for (const { network, taken } of lent) giveBack(parts, network, taken)
    },
    [Symbol.dispose]: () => owned.dispose(),
  }
}

async function requestLease(
  plugin: IpamPlugin,
  { network, wish }: Joining,
  containerName: string,
  taken: (release: Release) => void,
): Promise<LentLease> {
  const mac = plugin.capabilities.requiresMac ? (chosenMac(wish) ?? randomMac()) : undefined
  const options = { [ipamLabels.endpointName]: containerName, ...(mac !== undefined && { [ipamLabels.mac]: mac }) }
  const lease: { ipv4?: string; ipv6?: string } = {}
  for (const family of ['ipv4', 'ipv6'] as const) {
    const pool = choosePool(network, family, wish[family])
    if (pool === undefined) continue
    const prefix = requirePrefix(pool.subnet, 'pool')
    lease[family] = await requestInside(plugin, { id: pool.id, prefix, address: wish[family] ?? '', options }, taken)
  }
  return { ...lease, ...(mac !== undefined && { mac }) }
}

function choosePool({ ipam: { pools = [] } }: NetworkRecord, family: Family, wished: string | undefined) {
  const own = pools.filter((pool) => pool.family === family)
  const pool = wished === undefined ? own[0] : poolOf(own, wished)
  if (pool !== undefined || wished === undefined) return pool
  throw new EngineError(
    'invalid-argument',
    `invalid address ${wished}: It does not belong to any of this network's subnets`,
  )
}

/** Locally administered, of one interface alone. */
function randomMac(): string {
  return `02:${randomBytes(5).toString('hex').match(/../g)!.join(':')}`
}

/** What an endpoint has is not given back, whatever the plugin has said of it. */
function giveBack(parts: NetworkParts, { id, ipam }: NetworkRecord, taken: readonly Release[]): void {
  const { table } = parts
  const others = table.endpointsOfNetwork(id).flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6])
  const held = new Set([
    ...others.map((cidr) => cidr?.split('/', 1)[0]),
    ...ipam.configs.flatMap(({ gateway, auxAddresses }) => [gateway, ...Object.values(auxAddresses ?? {})]),
  ])
  const free = taken.filter(({ address }) => !held.has(address))
  if (free.length === 0) return
  table.commit({ owed: [owedRecord(ipam.driver, free)] })
  settle(parts, [ipam.driver])
}

/** True: somebody else gives out the network's addresses, a plugin or the cluster. */
export function isLent(network: NetworkRecord): boolean {
  return network.shared !== undefined || isRemote(network)
}

/** Endpoints are gone: plugins get their addresses back, behind whoever took them away. */
export async function settleLeases(
  parts: NetworkParts,
  gone: readonly Pick<EndpointRecord, 'id' | 'networkId'>[],
): Promise<void> {
  const networks = gone.map(({ networkId }) => parts.table.network(networkId)).filter((one) => one !== undefined)
  settle(
    parts,
    networks.filter(isRemote).map(({ ipam }) => ipam.driver),
  )
  await parts.shared?.release(gone)
}

function settle({ background, remoteIpam }: NetworkParts, drivers: readonly string[]): void {
  for (const name of new Set(drivers)) {
    background.run('give addresses back to a plugin', () => remoteIpam.settle(name))
  }
}
