import { parseArgs } from 'node:util'
import { EngineError } from '../base/errors.ts'
import type { EngineConfig } from '../engine/config.ts'
import { foreignOptions } from '../engine/options/elsewhere.ts'
import type { Option } from '../engine/options/option.ts'
import { options } from '../engine/options/options.ts'

/** What the command line of `wharf daemon` says. */
export interface DaemonFlags {
  /** Path of the configuration file; it must exist when it was named. */
  readonly configFile: string | undefined
  readonly help: boolean
  /** True: only read the configuration and say whether it is right. */
  readonly validate: boolean
  readonly settings: Partial<EngineConfig>
  /** Flags of parts that are not here, without dashes. */
  readonly foreign: readonly string[]
}

type Words = ReadonlyMap<string, readonly string[]>

const own = [
  { flag: 'config-file' },
  { flag: 'config' },
  { flag: 'validate', isSwitch: true },
  { flag: 'help', short: 'h', isSwitch: true },
]

/**
 * Reads a command line in Docker's spellings: `--bip=X`, `--bip X`, `-H X`, `--icc`, `--icc=false`.
 *
 * @throws {EngineError} `invalid-argument` for flags that do not exist, and values that cannot be; Docker's words
 */
export function parseFlags(words: readonly string[]): DaemonFlags {
  const given = readWords(words)
  const last = (flag: string) => given.get(flag)?.at(-1)
  const settings = Object.entries<Option<unknown>>(options).flatMap(([name, option]) => {
    const values = given.get(option.flag)
    return values === undefined ? [] : [[name, parseValue(option, values)] as const]
  })
  return {
    configFile: last('config-file') ?? last('config'),
    help: given.has('help'),
    validate: given.has('validate'),
    settings: Object.fromEntries(settings),
    foreign: foreignOptions.map(({ flag }) => flag).filter((flag) => given.has(flag)),
  }
}

function parseValue({ flag, short, kind, check }: Option<unknown>, words: readonly string[]): unknown {
  const value = kind.parse(words)
  const why = kind.is(value) ? check?.(value) : `it must be ${kind.placeholder || 'true or false'}`
  if (why === undefined) return value
  const name = short === undefined ? `--${flag}` : `-${short}, --${flag}`
  throw new EngineError(
    'invalid-argument',
    `invalid argument ${JSON.stringify(words.at(-1))} for "${name}" flag: ${why}`,
  )
}

/** The values of each flag that was given, in their order; a switch without a value has an empty one. */
function readWords(words: readonly string[]): Words {
  const spelling = spellings()
  const { tokens } = parseArgs({ args: [...words], options: spelling, strict: false, tokens: true })
  const given = new Map<string, string[]>()
  for (const token of tokens) {
    if (token.kind === 'positional') refuse(`"wharf daemon" accepts no arguments: ${token.value}`)
    if (token.kind !== 'option') continue
    const known = spelling[token.name]
    if (known === undefined) refuse(unknownFlag(token.rawName))
    else if (known.type === 'string' && token.value === undefined) refuse(`flag needs an argument: --${token.name}`)
    // `-l=warn`: after a letter the sign of equality is ours to take away
    const value = token.rawName.startsWith('--') ? token.value : token.value?.replace(/^=/, '')
    given.set(token.name, [...(given.get(token.name) ?? []), value ?? ''])
  }
  return given
}

function unknownFlag(rawName: string): string {
  return rawName.startsWith('--') ? `unknown flag: ${rawName}` : `unknown shorthand flag: '${rawName[1]}' in ${rawName}`
}

function spellings(): Record<string, { type: 'string' | 'boolean'; short?: string }> {
  const settings = Object.values<Option<unknown>>(options).map(({ flag, short, kind }) => {
    return { flag, short, isSwitch: kind.placeholder === '' }
  })
  return Object.fromEntries(
    [...settings, ...foreignOptions, ...own].map(({ flag, isSwitch, ...more }) => {
      const short = 'short' in more && more.short !== undefined ? { short: more.short } : {}
      return [flag, { type: isSwitch ? 'boolean' : 'string', ...short } as const]
    }),
  )
}

function refuse(message: string): never {
  throw new EngineError('invalid-argument', message)
}
