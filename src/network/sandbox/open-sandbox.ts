import { join } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import { createId, shortId } from '../../base/id.ts'
import { removeNamedNamespace } from '../../kernel/named-namespace.ts'
import type { Changes } from '../driver.ts'
import { attachEndpoints, isAttached } from '../endpoints/attach-endpoints.ts'
import { type Attachment, draftEndpoint } from '../endpoints/draft-endpoint.ts'
import { gatewayAttachment, needsGateway, prepareGateway, type TermsOf } from '../endpoints/gateway-network.ts'
import { type LentLeases, lendAddresses, settleLeases } from '../endpoints/lend-addresses.ts'
import { tellGateways } from '../endpoints/tell-gateways.ts'
import { enterForeignNamespace, foreignNamespace } from '../foreign/foreign-namespace.ts'
import { setWaysOut } from '../foreign/set-ways-out.ts'
import { owedForEndpoints } from '../ipam/remote/owed.ts'
import { adjustLinkHoles } from '../links/link-holes.ts'
import { refreshLinks } from '../links/links.ts'
import type { EndpointRecord, SandboxRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { AttachmentWish, SandboxView, SandboxWish } from '../networking.ts'
import { findNetwork } from '../networks/find-network.ts'
import { tell } from '../networks/networks.ts'
import { holdPorts, movePorts, noPublication, tellNames } from './apply-plan.ts'
import { closeSandbox } from './close-sandbox.ts'
import { copiedFiles, ownFiles } from './plan-files.ts'
import { hashOf, shareSandboxFiles, writeSandboxFiles } from './sandbox-files.ts'
import { createSandboxNamespace, hasIPv6, type SandboxHandle, writeInterfaceSysctls } from './sandbox-namespace.ts'
import { planSandbox, type SandboxPlan } from './sandbox-plan.ts'
import { takeOverSandbox } from './shared-sandbox.ts'

/** The network of the containers that share the engine's own namespace. */
const hostNetwork = 'host'

/**
 * Makes a container's network: namespace, endpoints, published ports, names, files. All of it or none.
 *
 * @throws {EngineError} with Docker's words, behind `failed to set up container networking: `
 */
export async function openSandbox(parts: NetworkParts, wish: SandboxWish): Promise<SandboxView> {
  if (wish.mode.kind === 'own') await prepare(parts, wish.mode.attachments)
  using _ = await parts.locks.acquire(`container ${wish.containerId}`)
  parts.reaper.postpone()
  const kept = await takeOverSandbox(parts, wish)
  if (kept !== undefined) return kept
  // Left over from a start that never came to its end.
  if (parts.table.sandbox(wish.containerId) !== undefined) await closeSandbox(parts, wish.containerId)
  // Awaited here: the lock is held for as long as this function runs.
  switch (wish.mode.kind) {
    case 'host':
      return await openHost(parts, wish)
    case 'join':
      return await openJoined(parts, wish, wish.mode.containerId)
    case 'own':
      return await openOwn(parts, wish, wish.mode.attachments).catch((error: unknown) => {
        throw inSetUp(error)
      })
  }
}

/** What takes a network's lock comes before the container's. */
async function prepare(parts: NetworkParts, wishes: readonly AttachmentWish[]): Promise<void> {
  try {
    const networks = wishes.map(({ network }) => findNetwork(parts.table, network))
    await prepareGateway(parts, networks)
  } catch (error) {
    throw inSetUp(error)
  }
}

function inSetUp(error: unknown): unknown {
  if (!(error instanceof EngineError)) return error
  return new EngineError(error.kind, `failed to set up container networking: ${error.message}`, { cause: error })
}

async function openHost(parts: NetworkParts, wish: SandboxWish): Promise<SandboxView> {
  const { table, hostNamespace } = parts
  const network = findNetwork(table, hostNetwork)
  const attachment = { network, wish: { ...bareWish, network: network.name } }
  const endpoint = draftEndpoint(parts, attachment, wish, [])
  const files = copiedFiles(parts, wish)
  const sandbox: SandboxRecord = { ...newSandbox(wish, hostNamespace.path), resolvConfHash: hashOf(files.resolvConf) }
  writeSandboxFiles(wish.filesDir, files)
  table.commit({ endpoints: [endpoint], sandboxes: [sandbox] })
  tell(parts, 'connect', network, wish.containerId)
  return { sandbox, endpoints: [endpoint] }
}

async function openJoined({ table }: NetworkParts, wish: SandboxWish, donorId: string): Promise<SandboxView> {
  const donor = table.sandbox(donorId)
  if (donor === undefined) {
    throw new EngineError(
      'conflict',
      `cannot join network namespace of a non running container: container ${shortId(donorId)} is exited`,
    )
  }
  shareSandboxFiles(donor.wish.filesDir, wish.filesDir)
  const sandbox = newSandbox(wish, donor.path)
  table.commit({ sandboxes: [sandbox] })
  return { sandbox, endpoints: [] }
}

async function openOwn(
  parts: NetworkParts,
  wish: SandboxWish,
  wishes: readonly AttachmentWish[],
): Promise<SandboxView> {
  const { table } = parts
  await using undo = new AsyncDisposableStack()
  const find = () => attachmentsOf(parts, wishes)
  const id = createId()
  const path = foreignNamespace({ wish })?.path ?? join(parts.execRoot, 'netns', shortId(id))
  const draft = newSandbox(wish, path, id)
  using lent = await lendAddresses(parts, find(), wish, draft.path)
  using early = find().some((one) => isAttached(parts, one)) ? makeNamespace(draft, undo) : undefined
  const attached = early && (await attachEndpoints(parts, find(), wish, [], early, undo))
  // From here to the commit nothing waits: no network can be removed in between, no address given twice.
  const attachments = attachmentsOf(parts, wishes, (networkId) => lent.of(networkId)?.terms)
  const endpoints = draftAll(parts, attachments, wish, (networkId) => attached?.get(networkId) ?? lent.of(networkId))
  const plan = planSandbox(parts, draft, endpoints)
  const record = { ...draft, resolvConfHash: hashOf(plan.resolvConf.text) }
  undo.defer(() => forget(parts, record, endpoints))
  undo.defer(() => removeAgreed(parts, attachments, endpoints))
  table.commit({ endpoints, sandboxes: [record] })
  lent.keep()

  const ports = await holdPorts(parts, record, noPublication, plan.target)
  const sandbox = ports.length === 0 ? record : { ...record, ports }
  undo.defer(() => parts.ports.release(record.containerId, ports))
  if (ports.length > 0) table.commit({ sandboxes: [sandbox] })

  await wire({ parts, sandbox, attachments, endpoints, plan, early }, undo)
  undo.move()
  for (const [i, { network, isGateway }] of attachments.entries()) {
    if (!isGateway) tell(parts, 'connect', network, wish.containerId)
    parts.announcer.announce(network, endpoints[i]!)
  }
  await refreshLinks(parts, endpoints)
  return { sandbox, endpoints }
}

/** What a container wishes for, and the engine's own way out where that needs it. */
function attachmentsOf(parts: NetworkParts, wishes: readonly AttachmentWish[], termsOf?: TermsOf): Attachment[] {
  const wished = wishes.map((wish): Attachment => ({ network: findNetwork(parts.table, wish.network), wish }))
  const networks = wished.map(({ network }) => network)
  return needsGateway(parts, networks, termsOf) ? [...wished, gatewayAttachment(parts)] : wished
}

interface Wiring {
  readonly parts: NetworkParts
  readonly sandbox: SandboxRecord
  readonly attachments: readonly Attachment[]
  readonly endpoints: readonly EndpointRecord[]
  readonly plan: SandboxPlan
  /** The namespace, where it had to be there before the addresses. */
  readonly early: SandboxHandle | undefined
}

function makeNamespace(sandbox: SandboxRecord, undo: AsyncDisposableStack): SandboxHandle {
  const { path, wish } = sandbox
  const foreign = foreignNamespace(sandbox)
  if (foreign !== undefined) return enterForeignNamespace(foreign)
  undo.defer(() => removeNamedNamespace(path))
  return createSandboxNamespace(path, wish.sysctls)
}

/** The kernel's, the firewall's and the resolver's part of a new sandbox. */
async function wire(
  { parts, sandbox, attachments, endpoints, plan, early }: Wiring,
  undo: AsyncDisposableStack,
): Promise<void> {
  const { wish, ports } = sandbox
  using made = early ? undefined : makeNamespace(sandbox, undo)
  const handle = early ?? made!
  undo.defer(() => tellNames(parts, plan, undefined))
  // The resolver, a process of its own, works on its part meanwhile.
  const naming = tellNames(parts, undefined, plan)
  naming.catch(() => {}) // awaited below, unless something else fails first
  for (const [i, { network }] of attachments.entries()) await plug(parts, network, endpoints[i]!, handle, undo)
  setWaysOut(parts, sandbox, handle, plan.gateways)
  await tellGateways(parts, sandbox, undefined, plan.gateways)
  writeInterfaceSysctls(handle.namespace, wish.sysctls)
  const publication = { target: plan.target, ports }
  if (ports.length > 0) {
    undo.defer(() => movePorts(parts, publication, noPublication))
    movePorts(parts, noPublication, publication)
  }
  adjustLinkHoles(parts, endpoints)
  writeSandboxFiles(wish.filesDir, ownFiles(parts, sandbox, plan, hasIPv6(handle)))
  await naming
}

async function plug(
  { drivers, shared }: NetworkParts,
  network: Attachment['network'],
  endpoint: EndpointRecord,
  handle: SandboxHandle,
  undo: AsyncDisposableStack,
): Promise<Changes> {
  undo.defer(() => drivers.removeEndpoint(network, endpoint)) // before ensure: it may fail half-way
  await shared?.join(network)
  return await drivers.ensureEndpoint(network, endpoint, handle)
}

function draftAll(
  parts: NetworkParts,
  attachments: readonly Attachment[],
  wish: SandboxWish,
  lentOf: LentLeases['of'],
): EndpointRecord[] {
  const endpoints: EndpointRecord[] = []
  try {
    for (const attachment of attachments) {
      endpoints.push(draftEndpoint(parts, attachment, wish, endpoints, lentOf(attachment.network.id)))
    }
    return endpoints
  } catch (error) {
    for (const endpoint of endpoints) parts.addresses.release(endpoint.networkId, endpoint)
    throw error
  }
}

/** Those that their drivers made before anything was plugged in. */
async function removeAgreed(
  { drivers }: NetworkParts,
  attachments: readonly Attachment[],
  endpoints: readonly EndpointRecord[],
): Promise<void> {
  for (const [i, endpoint] of endpoints.entries()) {
    if (endpoint.terms !== undefined) await drivers.removeEndpoint(attachments[i]!.network, endpoint)
  }
}

async function forget(
  parts: NetworkParts,
  { containerId }: SandboxRecord,
  endpoints: readonly EndpointRecord[],
): Promise<void> {
  const { table, addresses } = parts
  const owed = owedForEndpoints((id) => table.network(id), endpoints)
  table.commit({ withoutSandboxes: [containerId], withoutEndpoints: endpoints.map(({ id }) => id), owed })
  adjustLinkHoles(parts, endpoints)
  for (const endpoint of endpoints) addresses.release(endpoint.networkId, endpoint)
  await settleLeases(parts, endpoints)
}

function newSandbox(wish: SandboxWish, path: string, id = createId()): SandboxRecord {
  return { version: 1, id, containerId: wish.containerId, path, ports: [], wish, resolvConfHash: '' }
}

const bareWish: Omit<AttachmentWish, 'network'> = { aliases: [], links: [], driverOptions: {}, gatewayPriority: 0 }
