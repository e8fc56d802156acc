import { EngineError } from '../base/errors.ts'
import { checkTogether } from './check-together.ts'
import type { EngineConfig } from './config.ts'
import { foreignKeys } from './options/elsewhere.ts'
import { goText } from './options/go-text.ts'
import type { Option } from './options/option.ts'
import { options } from './options/options.ts'

/**
 * Reads the configuration file's text; flags win over the defaults, and must not contradict the file.
 *
 * @param text   the file's content, or undefined when there is no file
 * @param flags  settings from the command line
 * @throws {EngineError} `invalid-argument` naming the key, in Docker's words where Docker has them
 */
export function parseConfig(text: string | undefined, flags: Partial<EngineConfig>): EngineConfig {
  const file = parseObject(text?.trim() || '{}')
  checkKeys(file)
  checkConflicts(file, flags)
  const entries = Object.entries<Option<unknown>>(options).map(([name, option]) => {
    const value = flags[name as keyof EngineConfig] ?? file[option.key] ?? option.fallback
    checkValue(option, value)
    return [name, value] as const
  })
  const config = Object.freeze(Object.fromEntries(entries)) as unknown as EngineConfig
  checkTogether(config)
  return config
}

/** Keys of the file that are taken without effect: they belong to parts that are not here. */
export function foreignKeysOf(text: string | undefined): readonly string[] {
  return Object.keys(parseObject(text?.trim() || '{}')).filter((key) => foreignKeys.has(key))
}

/** @throws {EngineError} `invalid-argument` for a value of the wrong type, or one that cannot be */
function checkValue({ key, kind, check, doc }: Option<unknown>, value: unknown): void {
  const why = kind.is(value) ? check?.(value) : doc
  if (why !== undefined) {
    throw new EngineError('invalid-argument', `Cannot use ${key} ${JSON.stringify(value)}: ${why}`)
  }
}

function checkKeys(file: Readonly<Record<string, unknown>>): void {
  const known = new Set([...Object.values(options).map(({ key }) => key), ...foreignKeys])
  const unknown = Object.keys(file).filter((key) => !known.has(key))
  if (unknown.length === 0) return
  throw new EngineError(
    'invalid-argument',
    `the following directives don't match any configuration option: ${unknown.join(', ')}`,
  )
}

function checkConflicts(file: Readonly<Record<string, unknown>>, flags: Partial<EngineConfig>): void {
  const conflicts = Object.entries<Option<unknown>>(options).flatMap(([name, { key }]) => {
    const [flag, value] = [flags[name as keyof EngineConfig], file[key]]
    if (flag === undefined || value === undefined) return []
    return [`${key}: (from flag: ${goText(flag)}, from file: ${goText(value)})`]
  })
  if (conflicts.length === 0) return
  throw new EngineError(
    'invalid-argument',
    `the following directives are specified both as a flag and in the configuration file: ${conflicts.join(', ')}`,
  )
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new EngineError('invalid-argument', `Cannot read the configuration: ${(cause as Error).message}`, { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new EngineError('invalid-argument', 'Cannot read the configuration: it is not a JSON object')
  }
  return value as Record<string, unknown>
}
