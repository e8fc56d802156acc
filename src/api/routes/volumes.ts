import { EngineError } from '../../base/errors.ts'
import type { Engine } from '../../engine/engine.ts'
import {
  type VolumeCreateBody,
  type VolumeList,
  type VolumePruneAnswer,
  volumeCreateSchema,
} from '../../protocol/volume.ts'
import { bodyOf } from '../bodies.ts'
import { volumeFilter, volumeFilterNames, volumePruneFilter, volumePruneFilterNames } from '../checks/volume-filter.ts'
import { parseFilters } from '../filters.ts'
import type { Routes } from '../parts.ts'
import { flagOf, type Query, textOf } from '../query.ts'
import { volumeView } from '../views/volume.ts'

interface NameRoute {
  readonly Params: { readonly name: string }
  readonly Querystring: Query
}

/** `/volumes`. @source Docker Engine API v1.51, Volume */
export const volumeRoutes: Routes = (app, { engine }) => {
  const { volumes } = engine
  app.get<{ Querystring: Query }>('/volumes', async ({ query }): Promise<VolumeList> => {
    const filters = parseFilters(textOf(query, 'filters'), volumeFilterNames)
    const wanted = volumeFilter(filters, (name) => volumes.usersOf(name).length > 0)
    const found = volumes.list().filter(wanted)
    return { Volumes: found.map((volume) => volumeView(volume, volumes.pathOf(volume.name))), Warnings: null }
  })

  app.get<NameRoute>('/volumes/:name', async ({ params: { name } }) => {
    const status = await volumes.statusOf(name)
    return { ...volumeView(volumes.find(name), volumes.pathOf(name)), ...(status && { Status: status }) }
  })

  app.post('/volumes/create', async (request, reply) => {
    const body = bodyOf<VolumeCreateBody>(request, volumeCreateSchema) ?? {}
    const { Name: name = '', Driver: driver = '', DriverOpts, Labels } = body
    const volume = await volumes.create({
      ...{ name, driver },
      ...(Labels && { labels: Labels }),
      ...(DriverOpts && { options: DriverOpts }),
    })
    return reply.code(201).send(volumeView(volume, volumes.pathOf(volume.name)))
  })

  app.delete<NameRoute>('/volumes/:name', async ({ params, query }, reply) => {
    await volumes.remove(params.name, { force: flagOf(query, 'force') })
    return reply.code(204).send()
  })

  const prune = volumePruner(engine)
  app.post<{ Querystring: Query }>('/volumes/prune', ({ query, apiVersion }) => prune(query, apiVersion))
}

/** One prune at a time, as Docker has it. */
function volumePruner({ volumes, publish }: Engine) {
  let running = false
  return async (query: Query, version: string): Promise<VolumePruneAnswer> => {
    if (running) throw new EngineError('conflict', 'a prune operation is already running')
    const filters = parseFilters(textOf(query, 'filters'), volumePruneFilterNames)
    const wanted = volumePruneFilter(filters, version)
    running = true
    try {
      const { names, bytes } = await volumes.prune(wanted)
      publish('volume', 'prune', '', { reclaimed: String(bytes) })
      return { VolumesDeleted: names, SpaceReclaimed: bytes }
    } finally {
      running = false
    }
  }
}
