import type { FastifyRequest } from 'fastify'
import { EngineError } from '../base/errors.ts'
import { findFlaw, foldFields, normalize, type Schema } from '../protocol/schema.ts'

/** Bytes of a JSON body that are read; more is refused. */
const longestBody = 4 * 1024 * 1024

/** What a route takes besides its URL: nothing or JSON, unless it says that it reads the stream itself. */
export interface BodyConfig {
  readonly body?: 'json' | 'stream'
}

/**
 * Reads a request's body: the raw stream for routes that want it, else JSON; an empty body is undefined.
 *
 * @throws {EngineError} `invalid-argument` with Docker's words
 */
export async function readBody(request: FastifyRequest, payload: AsyncIterable<Buffer>): Promise<unknown> {
  if ((request.routeOptions.config as BodyConfig).body === 'stream') return payload
  const bytes = await collect(payload, request.headers['content-length'])
  if (bytes.length === 0) return undefined
  checkContentType(request.headers['content-type'] ?? '')
  return parseJson(bytes.toString('utf8'))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (text.trim() === '') {
      throw new EngineError('invalid-argument', 'invalid JSON: got EOF while reading request body', { cause })
    }
    throw new EngineError('invalid-argument', `invalid JSON: ${(cause as Error).message}`, { cause })
  }
}

async function collect(payload: AsyncIterable<Buffer>, declared: string | undefined): Promise<Buffer> {
  if (Number(declared ?? 0) > longestBody) throw tooLarge()
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of payload) {
    length += chunk.length
    if (length > longestBody) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function tooLarge(): EngineError {
  return new EngineError('invalid-argument', `request body is too large: at most ${longestBody} bytes are read`)
}

function checkContentType(header: string): void {
  const mediaType = header.split(';', 1)[0]!.trim().toLowerCase()
  if (!/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(mediaType)) {
    throw new EngineError('invalid-argument', `malformed Content-Type header (${header}): mime: no media type`)
  }
  if (mediaType !== 'application/json') {
    throw new EngineError('invalid-argument', `unsupported Content-Type header (${header}): must be 'application/json'`)
  }
}

/**
 * The body of a request, checked and in its one form; undefined when there was none, or `null`.
 *
 * @throws {EngineError} `invalid-argument` with the first field that cannot be
 */
export function bodyOf<T>(request: FastifyRequest, schema: Schema): T | undefined {
  const body = foldFields(schema, request.body ?? null)
  const flaw = findFlaw(schema, body)
  if (flaw === undefined) return (normalize(schema, body) ?? undefined) as T | undefined
  const field = flaw.path.join('.') || 'the body'
  throw new EngineError('invalid-argument', `invalid JSON: ${field} must be ${wordsFor(flaw.schema)}`)
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}

function wordsFor({ type, length }: Schema): string {
  const wanted = type.filter((name) => name !== 'null').map((name) => typeWords[name] ?? name)
  return wanted.join(' or ') + (length === undefined ? '' : ` of ${length}`)
}
