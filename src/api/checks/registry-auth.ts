import { EngineError } from '../../base/errors.ts'
import type { RegistryAuth } from '../../image/images.ts'

/**
 * Reads the header `X-Registry-Auth`: JSON in base64url. What cannot be read means nobody in particular, as with
 * Docker: an anonymous pull may still be welcome.
 */
export function registryAuthOf(header: string | readonly string[] | undefined): RegistryAuth | undefined {
  if (typeof header !== 'string' || header === '') return undefined
  return credentialsIn(parseJson(Buffer.from(header, 'base64url').toString('utf8')))
}

/**
 * The credentials of a push, which must come: in the header, or, as clients of long ago send them, in the body.
 *
 * @throws {EngineError} `invalid-argument` when there are neither
 */
export function requiredRegistryAuth(
  header: string | readonly string[] | undefined,
  body: unknown,
): RegistryAuth | undefined {
  if (typeof header === 'string' && header !== '') return registryAuthOf(header)
  if (typeof body === 'object' && body !== null) return credentialsIn(body)
  throw new EngineError(
    'invalid-argument',
    'bad parameters and missing X-Registry-Auth: invalid X-Registry-Auth header: EOF',
  )
}

function credentialsIn(value: unknown): RegistryAuth | undefined {
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>
  const given = ['username', 'password', 'identitytoken'].flatMap((key) => {
    const text = fields[key]
    return typeof text === 'string' && text !== '' ? [[key, text] as const] : []
  })
  return given.length > 0 ? Object.fromEntries(given) : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
