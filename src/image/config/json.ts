import { EngineError } from '../../base/errors.ts'

/** JSON from outside: looked at field by field, trusted in nothing. */
export type JsonObject = Readonly<Record<string, unknown>>

/**
 * Parses one JSON object.
 *
 * @param what  names the document in the error: `manifest.json`
 * @throws {EngineError} `invalid-argument` when the bytes are no JSON object
 */
export function parseObject(bytes: Buffer | string, what: string): JsonObject {
  const value = parseJson(bytes, what)
  if (!isObject(value)) throw new EngineError('invalid-argument', `Cannot read ${what}: it is not a JSON object`)
  return value
}

/**
 * Parses any JSON value.
 *
 * @throws {EngineError} `invalid-argument` with the parser's words
 */
export function parseJson(bytes: Buffer | string, what: string): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch (cause) {
    throw new EngineError('invalid-argument', `Cannot read ${what}: ${(cause as Error).message}`, { cause })
  }
}

/** True for `{…}`, false for arrays, `null` and the rest. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value when it is a string, else `''`. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The value when it is an array, else `[]`. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The strings of an array; `undefined` when the value is no array. */
export function strings(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined
}
