import type { ContainerRecord } from '../../container/model.ts'
import type { Engine } from '../../engine/engine.ts'
import { containerFilter, containerFilterNames } from '../checks/container-filter.ts'
import { type Filters, parseFilters } from '../filters.ts'
import type { Routes } from '../parts.ts'
import { flagOf, integerOf, type Query, textOf } from '../query.ts'
import { containerSummary, type SummaryContext } from '../views/container-summary.ts'
import { containerSizes, imageFamily, imageIds, networkIds } from './look-ups.ts'

/** `/containers/json`: the newest first. @source Docker Engine API v1.51, ContainerList */
export const containerListRoutes: Routes = (app, { engine }) => {
  app.get<{ Querystring: Query }>('/containers/json', async ({ query, apiVersion }) => {
    const filters = parseFilters(textOf(query, 'filters'), containerFilterNames)
    const limit = integerOf(query, 'limit') ?? 0
    const all = flagOf(query, 'all') || limit > 0 || filters.has('status')
    const chosen = choose(engine, filters, all, limit)
    const context: SummaryContext = {
      nowMs: Date.now(),
      version: apiVersion,
      networkId: networkIds(engine),
      imageId: imageIds(engine),
    }
    const summaries = chosen.map((record) => containerSummary(record, engine.networks.sandboxOf(record.id), context))
    if (!flagOf(query, 'size')) return summaries
    return Promise.all(
      summaries.map(async (summary, i) => ({ ...summary, ...(await containerSizes(engine, chosen[i]!)) })),
    )
  })
}

function choose(engine: Engine, filters: Filters, all: boolean, limit: number): readonly ContainerRecord[] {
  const { containers, networks } = engine
  const list = containers.list().toSorted((a, b) => (a.created < b.created ? -1 : 1))
  const order = new Map(list.map(({ id }, i) => [id, i]))
  const wanted = containerFilter(filters, {
    publishedPorts: (id) => networks.publishedPorts(id),
    networkId: networkIds(engine),
    descendants: (reference) => imageFamily(engine, reference),
    position: (ref) => order.get(ref) ?? order.get(containers.find(ref).id) ?? -1,
  })
  const live = ({ state }: ContainerRecord) => ['running', 'paused', 'restarting'].includes(state.status)
  const chosen = list.filter((record) => (all || live(record)) && wanted(record)).reverse()
  return limit > 0 ? chosen.slice(0, limit) : chosen
}
