import { EngineError } from '../../base/errors.ts'
import type { ContainerRecord } from '../../container/model.ts'
import type { Engine } from '../../engine/engine.ts'
import type { PruneAnswer } from '../../protocol/answers.ts'
import { pruneFilter } from '../checks/network-filter.ts'
import { parseFilters } from '../filters.ts'
import type { Routes } from '../parts.ts'
import { type Query, textOf } from '../query.ts'
import { containerSizes } from './look-ups.ts'

/** `POST /containers/prune`: one at a time. @source Docker Engine API v1.51, ContainerPrune */
export const containerPruneRoutes: Routes = (app, { engine }) => {
  let running = false
  app.post<{ Querystring: Query }>('/containers/prune', async ({ query }): Promise<PruneAnswer> => {
    if (running) throw new EngineError('conflict', 'a prune operation is already running')
    const wanted = pruneFilter(parseFilters(textOf(query, 'filters'), ['until', 'label', 'label!']), Date.now())
    running = true
    try {
      const { deleted, bytes } = await prune(engine, ({ created, config }) => {
        return wanted({ created, labels: config.Labels ?? {} })
      })
      engine.publish('container', 'prune', '', { reclaimed: String(bytes) })
      return { ContainersDeleted: deleted, SpaceReclaimed: bytes }
    } finally {
      running = false
    }
  })
}

async function prune(
  engine: Engine,
  wanted: (record: ContainerRecord) => boolean,
): Promise<{ readonly deleted: readonly string[]; readonly bytes: number }> {
  const idle = engine.containers.list().filter((record) => isIdle(record) && wanted(record))
  const deleted: string[] = []
  let bytes = 0
  for (const record of idle) {
    const size = await tolerant(() => containerSizes(engine, record))
    const removal = () => engine.containers.remove(record.id, { force: false, volumes: false, link: false })
    if ((await tolerant(() => removal().then(() => true))) === undefined) continue
    deleted.push(record.id)
    bytes += size?.SizeRw ?? 0
  }
  return { deleted, bytes }
}

function isIdle({ state }: ContainerRecord): boolean {
  return ['created', 'exited', 'dead'].includes(state.status)
}

/** Somebody may have started or removed it since: a prune takes what it can get. */
async function tolerant<T>(work: () => Promise<T>): Promise<T | undefined> {
  return work().catch((error: unknown) => {
    if (error instanceof EngineError) return undefined
    throw error
  })
}
