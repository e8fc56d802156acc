import { setImmediate as turn } from 'node:timers/promises'
import { EngineError } from '../../base/errors.ts'
import type { ContainerParts } from '../container-parts.ts'
import { isLive } from '../life/is-live.ts'
import type { ContainerStats, Measurement } from './measurement.ts'

/** How a client wants to be told: once now, once with something to compare with, or again and again. */
export type StatsManner = 'once' | 'compared' | 'stream'

/**
 * What a container uses. A container that does not run uses nothing, and says so: at once, or once a second in a stream.
 *
 * The stream ends when the container is removed.
 *
 * @throws {EngineError} `not-found`, also when it is removed before there is anything to compare with
 */
export async function* readStats(
  parts: ContainerParts,
  ref: string,
  manner: StatsManner,
  signal: AbortSignal,
): AsyncGenerator<ContainerStats> {
  const record = parts.table.find(ref)
  const { id, name } = record
  if (manner === 'stream') {
    yield* parts.sampler.watch(id, signal)
  } else if (!isLive(record)) {
    yield { containerId: id, containerName: name }
  } else if (manner === 'once') {
    yield parts.sampler.once(record)
  } else {
    for await (const stats of parts.sampler.watch(id, signal)) {
      if (stats.now !== undefined && stats.before === undefined) continue
      yield stats
      return
    }
    if (!signal.aborted) throw new EngineError('not-found', `No such container: ${ref}`)
  }
}

/** Containers that are measured in one turn of the event loop: some two milliseconds. */
const containersPerTurn = 8

/** What every container that runs has used until now. */
export async function measureAll({ table, sampler }: ContainerParts): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = []
  for (const [i, { id }] of table.list().filter(isLive).entries()) {
    if (i % containersPerTurn === containersPerTurn - 1) await turn()
    const record = table.get(id)
    const measurement = record && sampler.latest(record)
    if (measurement !== undefined) measurements.push(measurement)
  }
  return measurements
}
