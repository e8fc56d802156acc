import { isWished } from '../network/gateways.ts'
import type { ContainerParts } from './container-parts.ts'
import type { ContainerRecord } from './model.ts'
import { sandboxWish } from './network-wish.ts'

/**
 * Makes a container's record and its network say the same, when the last engine was killed between the two: in the
 * middle of a connect, which is undone, of a disconnect, which is brought to its end, or of a rename, which is undone.
 *
 * Without this the container would show a network that it can neither use nor leave.
 */
export async function finishChanges({ table, networking, log, pathsOf }: ContainerParts, id: string): Promise<void> {
  const record = table.find(id)
  const view = networking.sandboxOf(id)
  if (view?.sandbox.wish.mode.kind !== 'own') return
  const endpoints = view.endpoints.filter(isWished)
  const isPlugged = (name: string) => endpoints.some(({ networkName }) => networkName === name)
  const halfConnected = endpoints.map(({ networkName }) => networkName).filter((name) => !(name in record.networks))
  const halfLeft = Object.keys(record.networks).filter((name) => !isPlugged(name))
  const isRenamed = view.sandbox.wish.containerName !== record.name
  if (halfConnected.length + halfLeft.length === 0 && !isRenamed) return

  for (const name of halfConnected) await networking.disconnect(id, name)
  if (isRenamed) await networking.rename(id, record.name)
  const networks = Object.fromEntries(Object.entries(record.networks).filter(([name]) => isPlugged(name)))
  const settled: ContainerRecord = { ...record, networks }
  table.put(settled)
  await networking.announce(sandboxWish(settled, pathsOf(id).dir))
  log.info('finishes what the last engine was doing', { container: record.name, halfConnected, halfLeft, isRenamed })
}
