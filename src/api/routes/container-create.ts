import { availableParallelism } from 'node:os'
import type { ContainerCreateBody } from '../../protocol/container.ts'
import { containerCreateSchema } from '../../protocol/container-schema.ts'
import { bodyOf } from '../bodies.ts'
import { createRequest } from '../checks/create-request.ts'
import type { Routes } from '../parts.ts'
import { type Query, textOf } from '../query.ts'

/** `POST /containers/create`. @source Docker Engine API v1.51, ContainerCreate */
export const containerCreateRoutes: Routes = (app, { engine }) => {
  const schema = { body: containerCreateSchema }
  app.post<{ Querystring: Query }>('/containers/create', { schema }, async (request, reply) => {
    const body = bodyOf<ContainerCreateBody>(request, containerCreateSchema)
    const name = textOf(request.query, 'name')
    const checked = createRequest(body, name, request.apiVersion, availableParallelism())
    const { id, warnings } = await engine.containers.create(checked.request)
    const all = new Set([...checked.warnings, ...warnings])
    return reply.code(201).send({ Id: id, Warnings: [...all] })
  })
}
