import { EngineError } from '../../base/errors.ts'
import type { ContainerParts } from '../container-parts.ts'

/** Freezes all processes of a container. @throws {EngineError} `conflict` unless it runs */
export async function pauseContainer(
  { table, locks, supervisor, publish, health }: ContainerParts,
  ref: string,
): Promise<void> {
  const { id } = table.find(ref)
  using _ = await locks.acquire(`container ${id}`)
  const record = table.findAgain(id, ref)
  if (record.state.status === 'paused') throw new EngineError('conflict', `container ${id} is already paused`)
  if (record.state.status === 'restarting') {
    throw new EngineError('conflict', `Container ${id} is restarting, wait until the container is running`)
  }
  if (record.state.status !== 'running') throw new EngineError('conflict', `container ${id} is not running`)
  await health.end(id) // a frozen probe could not be killed
  await supervisor.pause(record)
  publish('pause', table.patchState(id, { status: 'paused' }))
}

/** Lets a frozen container go on. @throws {EngineError} `conflict` unless it is paused */
export async function unpauseContainer(
  { table, locks, supervisor, publish, health }: ContainerParts,
  ref: string,
): Promise<void> {
  const { id } = table.find(ref)
  using _ = await locks.acquire(`container ${id}`)
  const record = table.findAgain(id, ref)
  if (record.state.status !== 'paused') throw new EngineError('conflict', `container ${id} is not paused`)
  await supervisor.resume(record)
  const running = table.patchState(id, { status: 'running' })
  health.goOn(running)
  publish('unpause', running)
}
