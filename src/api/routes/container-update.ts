import {
  type ContainerUpdateBody,
  type ContainerUpdated,
  containerUpdateSchema,
} from '../../protocol/container-update.ts'
import { bodyOf } from '../bodies.ts'
import { updateRequest } from '../checks/limits.ts'
import type { Routes } from '../parts.ts'

interface UpdateRoute {
  readonly Params: { readonly id: string }
}

/** `POST /containers/{id}/update`. @source Docker Engine API v1.51, ContainerUpdate */
export const containerUpdateRoutes: Routes = (app, { engine }) => {
  app.post<UpdateRoute>('/containers/:id/update', async (request) => {
    const body = bodyOf<ContainerUpdateBody>(request, containerUpdateSchema)
    const update = updateRequest(body, request.apiVersion)
    const warnings = await engine.containers.update(request.params.id, update)
    return { Warnings: warnings.length === 0 ? null : warnings } satisfies ContainerUpdated
  })
}
