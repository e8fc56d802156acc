import { isDeepStrictEqual } from 'node:util'
import { isWished } from '../../network/endpoints/gateways.ts'
import type { PortWish, SandboxView } from '../../network/networking.ts'
import type { ContainerParts } from '../container-parts.ts'
import { sandboxWish } from '../create/network-wish.ts'
import { bindingsFor } from '../create/port-bindings.ts'
import { portWishes } from '../create/port-wishes.ts'
import type { ContainerRecord } from '../model.ts'

/**
 * Makes a container's record and its network say the same, when the last engine was killed between the two: in the
 * middle of a connect, which is undone, of a disconnect, which is brought to its end, of a rename, which is undone, or
 * of a change of the published ports, which is brought to its end.
 *
 * Without this the container would show a network that it can neither use nor leave, and have ports that it does not show.
 */
export async function finishChanges(parts: ContainerParts, id: string): Promise<void> {
  const { table, networking, log, pathsOf } = parts
  const record = table.find(id)
  const view = networking.sandboxOf(id)
  if (view?.sandbox.wish.mode.kind !== 'own') return
  const endpoints = view.endpoints.filter(isWished)
  const isPlugged = (name: string) => endpoints.some(({ networkName }) => networkName === name)
  const halfConnected = endpoints.map(({ networkName }) => networkName).filter((name) => !(name in record.networks))
  const halfLeft = Object.keys(record.networks).filter((name) => !isPlugged(name))
  const isRenamed = view.sandbox.wish.containerName !== record.name
  const hostConfig = portsAsPublished(record, view)
  if (halfConnected.length + halfLeft.length === 0 && !isRenamed && hostConfig === undefined) return

  for (const name of halfConnected) await networking.disconnect(id, name)
  if (isRenamed) await networking.rename(id, record.name)
  const networks = Object.fromEntries(Object.entries(record.networks).filter(([name]) => isPlugged(name)))
  const settled: ContainerRecord = { ...record, networks, ...(hostConfig && { hostConfig }) }
  table.put(settled)
  await networking.announce(sandboxWish(settled, pathsOf(id).dir))
  const changes = { halfConnected, halfLeft, isRenamed, hasOtherPorts: hostConfig !== undefined }
  log.info('finishes what the last engine was doing', { container: record.name, ...changes })
}

/** The settings of the container with the ports that its network has; undefined when it has them already. */
function portsAsPublished(
  { config, hostConfig }: ContainerRecord,
  { sandbox }: SandboxView,
): ContainerRecord['hostConfig'] | undefined {
  const { ports } = sandbox.wish
  if (isDeepStrictEqual(textsOf(ports), textsOf(portWishes(config, hostConfig)))) return undefined
  return { ...hostConfig, PublishAllPorts: false, PortBindings: bindingsFor(ports) }
}

/** The same texts for the same wishes, in whatever order they are. */
function textsOf(wishes: readonly PortWish[]): string[] {
  return wishes
    .map(({ protocol, containerPort, hostAddress, hostPorts: { from, to } }) =>
      [protocol, containerPort, hostAddress, from, to].join(' '),
    )
    .sort()
}
