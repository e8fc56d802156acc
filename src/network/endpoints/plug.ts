import { EngineError } from '../../base/errors.ts'
import { setWaysOut } from '../foreign/set-ways-out.ts'
import { owedForEndpoints } from '../ipam/remote/owed.ts'
import { adjustLinkHoles } from '../links/link-holes.ts'
import type { EndpointRecord, NetworkRecord, PublishedPort, SandboxRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import { holdPorts, movePorts, tellNames } from '../sandbox/apply-plan.ts'
import { updateHosts, updateResolvConf } from '../sandbox/sandbox-files.ts'
import { openSandboxNamespace, type SandboxHandle } from '../sandbox/sandbox-namespace.ts'
import { planSandbox, type SandboxPlan } from '../sandbox/sandbox-plan.ts'
import { attachEndpoints } from './attach-endpoints.ts'
import { type Attachment, draftEndpoint } from './draft-endpoint.ts'
import { lendAddresses, settleLeases } from './lend-addresses.ts'
import { tellGateways } from './tell-gateways.ts'

/** Plugs a running container into one more network. All of it or none. The caller holds the container's lock. */
export async function plugIn(
  parts: NetworkParts,
  containerId: string,
  attachment: Attachment,
): Promise<EndpointRecord> {
  const { table, drivers } = parts
  const sandbox = requireSandbox(parts, containerId)
  const others = table.endpointsOfContainer(containerId)
  using lent = await lendAddresses(parts, [attachment], sandbox.wish, sandbox.path)
  using handle = openSandboxNamespace(sandbox.path)
  await using undo = new AsyncDisposableStack()
  const attached = await attachEndpoints(parts, [attachment], sandbox.wish, others, handle, undo)
  const before = planSandbox(parts, sandbox, others)
  const network = requireSame(parts, attachment.network) // it may know more of itself now
  const lease = attached.get(network.id) ?? lent.of(network.id)
  const endpoint = draftEndpoint(parts, { ...attachment, network }, sandbox.wish, others, lease)
  undo.defer(() => forget(parts, endpoint))
  table.commit({ endpoints: [endpoint] })
  lent.keep()
  const after = planSandbox(parts, sandbox, [...others, endpoint])

  undo.defer(() => drivers.removeEndpoint(network, endpoint, handle)) // before ensure: it may fail half-way
  await parts.shared?.join(network)
  await drivers.ensureEndpoint(network, endpoint, handle)
  undo.defer(async () => void (await change(parts, sandbox, handle, after, before)))
  await change(parts, sandbox, handle, before, after)
  adjustLinkHoles(parts, [endpoint])
  undo.move()
  parts.announcer.announce(network, endpoint)
  return endpoint
}

/** Takes a running container off a network; the interface is gone when this returns. The caller holds its lock. */
export async function unplug(parts: NetworkParts, containerId: string, endpoint: EndpointRecord): Promise<void> {
  const { table, drivers } = parts
  const sandbox = requireSandbox(parts, containerId)
  const network = table.network(endpoint.networkId)
  const all = table.endpointsOfContainer(containerId)
  using handle = openSandboxNamespace(sandbox.path)
  const before = planSandbox(parts, sandbox, all)
  const after = planSandbox(
    parts,
    sandbox,
    all.filter(({ id }) => id !== endpoint.id),
  )
  const ports = await change(parts, sandbox, handle, before, after, async () => {
    if (network !== undefined) await drivers.removeEndpoint(network, endpoint, handle)
  })
  await forget(parts, endpoint, { ...requireSandbox(parts, containerId), ports })
}

/** @param sandbox  what is to be recorded of it at the same time */
async function forget(parts: NetworkParts, endpoint: EndpointRecord, sandbox?: SandboxRecord): Promise<void> {
  const { table, addresses } = parts
  table.commit({
    withoutEndpoints: [endpoint.id],
    owed: owedForEndpoints((id) => table.network(id), [endpoint]),
    ...(sandbox && { sandboxes: [sandbox] }),
  })
  adjustLinkHoles(parts, [endpoint])
  addresses.release(endpoint.networkId, endpoint)
  await settleLeases(parts, [endpoint])
}

/** Everything that depends on which networks a container is on, from one state to another. */
async function change(
  parts: NetworkParts,
  { containerId }: SandboxRecord,
  handle: SandboxHandle,
  before: SandboxPlan,
  after: SandboxPlan,
  unplug?: () => Promise<void>,
): Promise<readonly PublishedPort[]> {
  const sandbox = requireSandbox(parts, containerId)
  const { filesDir } = sandbox.wish
  const publication = { target: before.target, ports: sandbox.ports }
  const ports = await holdPorts(parts, sandbox, publication, after.target)
  await using undo = new AsyncDisposableStack()
  const record = () => parts.table.commit({ sandboxes: [{ ...requireSandbox(parts, containerId), ports }] })
  // Recorded at once: whoever undoes this must know them. Those that go with an endpoint are forgotten together with it:
  // the engine may be killed in between, and the next one would take them for withdrawn.
  if (unplug !== undefined && ports.length === 0) undo.defer(record)
  else if (ports !== sandbox.ports) record()
  movePorts(parts, publication, { target: after.target, ports })
  await unplug?.()
  setWaysOut(parts, sandbox, handle, after.gateways)
  await tellGateways(parts, sandbox, before.gateways, after.gateways)
  await tellNames(parts, before, after)
  const goneLines = before.hostsLines.filter((line) => !after.hostsLines.includes(line))
  const newLines = after.hostsLines.filter((line) => !before.hostsLines.includes(line))
  updateHosts(filesDir, goneLines, newLines)
  const resolvConfHash = updateResolvConf(filesDir, after.resolvConf.text, sandbox.resolvConfHash)
  if (resolvConfHash !== sandbox.resolvConfHash)
    parts.table.commit({ sandboxes: [{ ...requireSandbox(parts, containerId), resolvConfHash }] })
  undo.move()
  return ports
}

/** A plugin was waited for: the network may be gone. @throws {EngineError} `not-found` */
function requireSame({ table }: NetworkParts, { id, name }: NetworkRecord): NetworkRecord {
  const network = table.network(id)
  if (network === undefined) throw new EngineError('not-found', `network ${name} not found`)
  return network
}

/** @throws {EngineError} `conflict` when the container does not run */
export function requireSandbox({ table }: NetworkParts, containerId: string): SandboxRecord {
  const sandbox = table.sandbox(containerId)
  if (sandbox === undefined)
    throw new EngineError('conflict', `Cannot change the network of container "${containerId}": it does not run`)
  return sandbox
}
