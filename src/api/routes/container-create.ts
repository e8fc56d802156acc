import { EngineError } from '../../base/errors.ts'
import type { Engine } from '../../engine/engine.ts'
import { checkPlatform, platformWarning } from '../../image/config/check-platform.ts'
import { type Platform, parsePlatform } from '../../image/config/platform.ts'
import type { CreatedContainer } from '../../protocol/answers.ts'
import type { ContainerCreateBody } from '../../protocol/container.ts'
import { containerCreateSchema } from '../../protocol/container-schema.ts'
import { bodyOf } from '../bodies.ts'
import { createRequest } from '../checks/create-request.ts'
import type { Routes } from '../parts.ts'
import { type Query, textOf } from '../query.ts'
import { isBefore } from '../versions.ts'
import { imageIds } from './look-ups.ts'

/** `POST /containers/create`. @source Docker Engine API v1.51, ContainerCreate */
export const containerCreateRoutes: Routes = (app, { engine }) => {
  app.post<{ Querystring: Query }>('/containers/create', async (request, reply) => {
    const body = bodyOf<ContainerCreateBody>(request, containerCreateSchema)
    const name = textOf(request.query, 'name')
    const checked = createRequest(body, name, request.apiVersion)
    const warning = checkImage(engine, body?.Image ?? '', platformAsked(request.query, request.apiVersion))
    const { id, warnings } = await engine.containers.create(checked.request).catch((error: unknown) => {
      throw imageIsThere(engine, body?.Image ?? '') ? withoutPull(error) : error
    })
    const all = new Set([...checked.warnings, ...(warning ? [warning] : []), ...warnings])
    return reply.code(201).send({ Id: id, Warnings: [...all] } satisfies CreatedContainer)
  })
}

/** `"linux/arm64"`, as people write it: the newer routes have it otherwise. */
function platformAsked(query: Query, version: string): Platform | undefined {
  const text = textOf(query, 'platform')
  return text === '' || isBefore(version, '1.41') ? undefined : parsePlatform(text)
}

/** @returns what is to be said of an image that is not for this machine */
function checkImage({ images }: Engine, reference: string, wanted: Platform | undefined): string | undefined {
  const image = images.find(reference)
  checkPlatform(image, wanted, reference)
  return wanted === undefined ? platformWarning(image) : undefined
}

function imageIsThere(engine: Engine, reference: string): boolean {
  return imageIds(engine)(reference) !== undefined
}

/** Clients answer a 404 by fetching the image: what else is missing must not look like that. */
function withoutPull(error: unknown): unknown {
  if (!(error instanceof EngineError) || error.kind !== 'not-found') return error
  return new EngineError('invalid-argument', error.message, { cause: error })
}
