import type { FastifyReply, FastifyRequest } from 'fastify'
import { EngineError } from '../../base/errors.ts'
import { renderPlatform } from '../../image/config/platform.ts'
import { type AuthAnswer, type AuthConfig, authSchema, type DistributionInspect } from '../../protocol/registry.ts'
import { bodyOf } from '../bodies.ts'
import { platformOf } from '../checks/platform.ts'
import { registryAuthOf, requiredRegistryAuth } from '../checks/registry-auth.ts'
import type { ApiParts, Routes } from '../parts.ts'
import { answerProgress } from '../progress.ts'
import { type Query, textOf } from '../query.ts'
import { StreamReply } from '../stream-reply.ts'

/** Registries: who one is to them, and what they have. @source Docker Engine API v1.51, SystemAuth, DistributionInspect, ImageSearch */
export const registryRoutes: Routes = (app, { engine }) => {
  app.post('/auth', async (request, reply): Promise<AuthAnswer> => {
    const { username = '', password = '', serveraddress = '' } = bodyOf<AuthConfig>(request, authSchema) ?? {}
    await engine.images.login(serveraddress, { username, password }, untilLeft(reply))
    return { Status: 'Login Succeeded', IdentityToken: '' }
  })

  app.get<{ Params: { '*': string } }>('/distribution/*', async ({ params, headers }, reply) => {
    const path = params['*']
    if (!path.endsWith('/json')) return reply.callNotFound()
    const auth = registryAuthOf(headers['x-registry-auth'])
    const remote = await engine.images.inspectRemote(path.slice(0, -'/json'.length), auth, untilLeft(reply))
    const answer: DistributionInspect = {
      Descriptor: remote.descriptor,
      Platforms: remote.platforms.map(({ variant, ...rest }) => ({ ...rest, ...(variant && { variant }) })),
    }
    return answer
  })

  app.get<{ Querystring: Query }>('/images/search', async ({ query }) => {
    throw new EngineError(
      'not-implemented',
      `Cannot search for "${textOf(query, 'term')}": only Docker Hub's own site can be searched; pull images by name`,
    )
  })
}

/** `POST /images/{name}/push`. @source Docker Engine API v1.51, ImagePush */
export async function pushImage(
  { engine }: ApiParts,
  name: string,
  request: FastifyRequest<{ Querystring: Query }>,
  reply: FastifyReply,
): Promise<void> {
  const { query, headers, body, apiVersion } = request
  const auth = requiredRegistryAuth(headers['x-registry-auth'], body)
  const tag = textOf(query, 'tag')
  const platform = platformOf(query, apiVersion, '1.46')
  const stream = new StreamReply(reply, 'application/json')
  const reference = tag === '' ? name : `${name}${tag.includes(':') ? '@' : ':'}${tag}`
  const options = { ...(auth && { auth }), ...(platform && { platform: renderPlatform(platform) }) }
  await answerProgress(stream, (report) => engine.images.push(reference, options, report, stream.signal))
}

/** Aborts when the client goes away. */
function untilLeft(reply: FastifyReply): AbortSignal {
  const control = new AbortController()
  reply.raw.once('close', () => control.abort())
  return control.signal
}
