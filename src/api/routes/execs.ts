import type { FastifyReply, FastifyRequest } from 'fastify'
import { DetachScanner, parseDetachKeys } from '../../base/detach-keys.ts'
import { EngineError } from '../../base/errors.ts'
import type { ExecRequest } from '../../container/containers.ts'
import { type ExecCreateBody, type ExecStartBody, execCreateSchema, execStartSchema } from '../../protocol/exec.ts'
import { bodyOf } from '../bodies.ts'
import type { ApiParts, Routes } from '../parts.ts'
import type { Query } from '../query.ts'
import { streamType } from '../streams/content-types.ts'
import { hijack } from '../streams/hijack.ts'
import { serveSession } from '../streams/serve-session.ts'
import { execView } from '../views/exec.ts'
import { terminalSize } from './container-inspect.ts'

interface IdRoute {
  readonly Params: { readonly id: string }
  readonly Querystring: Query
}

/** Processes beside a container's own. @source Docker Engine API v1.51, Exec */
export const execRoutes: Routes = (app, parts) => {
  const { containers } = parts.engine
  app.post<IdRoute>('/containers/:id/exec', async (request, reply) => {
    const body = bodyOf<ExecCreateBody>(request, execCreateSchema)
    const id = await containers.execCreate(request.params.id, execRequest(body ?? {}))
    return reply.code(201).send({ Id: id })
  })
  app.post<IdRoute>('/exec/:id/start', async (request, reply) => startExec(parts, request.params.id, request, reply))
  app.post<IdRoute>('/exec/:id/resize', async ({ params, query }, reply) => {
    await containers.execResize(params.id, terminalSize(query))
    return reply.code(200).send()
  })
  app.get<IdRoute>('/exec/:id/json', async ({ params }) => execView(containers.execInspect(params.id)))
}

/** @throws {EngineError} `invalid-argument` in Docker's words */
function execRequest(body: ExecCreateBody): ExecRequest {
  const command = body.Cmd ?? []
  if (command.length === 0) throw new EngineError('invalid-argument', 'No exec command specified')
  parseDetachKeys(body.DetachKeys ?? '')
  return {
    command,
    environment: body.Env ?? [],
    user: body.User ?? '',
    workingDir: body.WorkingDir ?? '',
    privileged: body.Privileged ?? false,
    terminal: body.Tty ?? false,
    streams: {
      stdin: body.AttachStdin ?? false,
      stdout: body.AttachStdout ?? false,
      stderr: body.AttachStderr ?? false,
    },
    detachKeys: body.DetachKeys ?? '',
    ...sizeOf(body.ConsoleSize),
  }
}

function sizeOf(size: readonly [number, number] | undefined) {
  return size && (size[0] > 0 || size[1] > 0) ? { size: { rows: size[0], columns: size[1] } } : {}
}

async function startExec(
  { engine, upgrades, log }: ApiParts,
  id: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  const body = bodyOf<ExecStartBody>(request, execStartSchema) ?? {}
  const exec = engine.containers.execInspect(id)
  const session = await engine.containers.execStart(id, sizeOf(body.ConsoleSize).size)
  if (body.Detach) {
    session[Symbol.dispose]()
    return reply.code(200).send()
  }
  const { terminal, detachKeys, streams } = exec.request
  const contentType = streamType(terminal, request.apiVersion)
  const client = hijack(upgrades, request, reply, { contentType, input: streams.stdin })
  try {
    const detach = terminal ? { detach: new DetachScanner(parseDetachKeys(detachKeys)) } : {}
    const how = await serveSession(session, client, { terminal, closesStdin: true, ...detach })
    if (how === 'detached') engine.publish('container', 'exec_detach', exec.containerId, { execID: id })
  } catch (error) {
    log.error('exec fails', { exec: id, error: String((error as Error)?.stack ?? error) })
  } finally {
    client.end()
  }
  return undefined
}
