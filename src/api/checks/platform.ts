import { EngineError } from '../../base/errors.ts'
import { type Platform, parsePlatform } from '../../image/config/platform.ts'
import { listOf, type Query } from '../query.ts'
import { isBefore } from '../versions.ts'

/**
 * The platform that a request is about, as newer routes have it: `{"os":"linux","architecture":"arm64"}`.
 *
 * @param since  the version of the API with which the route has it; clients before it mean nothing by it
 * @throws {EngineError} `invalid-argument`
 */
export function platformOf(query: Query, version: string, since: string): Platform | undefined {
  const [text = '', ...more] = listOf(query, 'platform')
  if (text === '' || isBefore(version, since)) return undefined
  if (more.length > 0) throw new EngineError('invalid-argument', 'multiple platform parameters not supported')
  return parsePlatform(joined(text))
}

function joined(text: string): string {
  try {
    const { os = '', architecture = '', variant = '' } = JSON.parse(text) as Readonly<Record<string, string>>
    return [os, architecture, variant].filter((part) => part !== '').join('/')
  } catch (cause) {
    throw new EngineError('invalid-argument', `failed to parse platform: ${(cause as Error).message}`, { cause })
  }
}
