import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import type { Log } from '../base/log.ts'
import { readBody } from './bodies.ts'
import { hangUpGently } from './hang-up.ts'
import { countRequests } from './meters.ts'
import type { ApiParts, Routes } from './parts.ts'
import { problemOf } from './problems.ts'
import { apiVersion, checkVersion, splitVersion } from './versions.ts'

/** On every answer, as Docker has them. */
const commonHeaders = {
  'Api-Version': apiVersion,
  'Docker-Experimental': 'false',
  Ostype: 'linux',
  Server: 'Wharf (linux)',
}

/** What Docker has and Wharf has not, or not all of it: clients are told. Of everything else Docker says what it always says. */
const missingParts = /^\/(plugins|swarm|nodes|services|tasks|secrets|configs)(\/|$)/

/** The routes with what all of them share: versions, bodies, errors. It does not listen. */
export function createApp(parts: ApiParts, routes: readonly Routes[]): FastifyInstance {
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false, // HEAD must not open a stream of events
    routerOptions: { maxParamLength: 4096 },
    rewriteUrl: ({ url }) => splitVersion(url ?? '/').url.replace(/^\/{2,}/, '/'),
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
  })
  app.decorateRequest('apiVersion', apiVersion)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (request: FastifyRequest, payload: AsyncIterable<Buffer>) => readBody(request, payload))
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(commonHeaders)
    request.apiVersion = splitVersion(request.originalUrl).version
    checkVersion(request.apiVersion)
  })
  // Docker's clients read a message only from exactly this type, without a charset.
  app.addHook('onSend', (request, reply, _, done) => {
    if (!request.raw.complete) hangUpGently(request.raw.socket)
    if (String(reply.getHeader('content-type')).startsWith('application/json')) {
      reply.header('content-type', 'application/json')
    }
    done()
  })
  countRequests(app, parts.meters)
  app.setErrorHandler((error, request, reply) => sendProblem(parts.log, error, request, reply))
  app.setNotFoundHandler(async (request, reply) => {
    const path = splitVersion(request.originalUrl).url.split('?', 1)[0] ?? ''
    if (!missingParts.test(path)) return reply.code(404).send({ message: 'page not found' })
    const message = `Cannot serve ${request.method} ${path}: Wharf does not have this route`
    return reply.code(501).send({ message })
  })
  for (const add of routes) add(app, parts)
  return app
}

/**
 * Instead of fastify's compilers, which take 3 MiB and a quarter of the engine's start: `bodyOf` checks what comes in, and
 * types what goes out.
 */
function noSchemas(): never {
  throw new Error('routes have no schemas: bodies are checked by bodyOf()')
}

function sendProblem(
  log: Log,
  error: FastifyError | unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { status, message, isBug } = problemOf(error)
  const where = { method: request.method, url: request.url, status }
  if (isBug) log.error('request fails by a bug', { ...where, error: (error as Error)?.stack ?? String(error) })
  else if (status === 500) log.warn('request fails', { ...where, message })
  else log.debug('request is refused', { ...where, message })
  return reply.code(status).send({ message })
}
