import { CommanderError, Option, Command as Parser } from 'commander'
import type { Command } from '../command.ts'
import { UsageError } from '../errors.ts'
import type { FlagSpec } from './flag-spec.ts'
import { Flags } from './flags.ts'

/** A command line, understood. */
export interface ParsedWords {
  readonly flags: Flags
  readonly args: readonly string[]
  /** `--help` was there: nothing else counts. */
  readonly help: boolean
}

/**
 * Reads the words after a command's name. Docker's flags are Go's: `--rm=false` is a boolean with a value, and
 * `--no-trunc` is a name like any other; what the parser does not know of that is told to it here.
 *
 * @throws {UsageError} with the words that Docker has for it
 */
export function parseWords(command: Pick<Command, 'flags' | 'passThrough'>, words: readonly string[]): ParsedWords {
  const collected = new Map<string, string[]>()
  const parser = new Parser().helpOption(false).helpCommand(false).exitOverride().allowExcessArguments()
  parser
    .configureOutput({ writeErr: () => {} })
    .showSuggestionAfterError(false)
    .argument('[words...]')
    .action(() => {})
  parser.enablePositionalOptions().passThroughOptions(command.passThrough ?? false)
  const wantsHelp = { name: 'help', kind: 'bool', help: '' } as const
  for (const flag of [...command.flags, wantsHelp]) {
    const collect = (value: string): void => {
      collected.set(flag.name, [...(collected.get(flag.name) ?? []), withoutEquals(value, flag, words)])
    }
    declare(parser, flag, collect)
  }
  try {
    parser.parse([...words], { from: 'user' })
  } catch (error) {
    if (collected.has('help')) return { flags: new Flags([], new Map()), args: [], help: true }
    throw error instanceof CommanderError ? usageError(error, words) : error
  }
  const help = collected.delete('help')
  return { flags: new Flags(command.flags, collected), args: parser.args, help }
}

function declare(parser: Parser, flag: FlagSpec, collect: (value: string) => void): void {
  const value = flag.kind === 'bool' ? '' : ' <value>'
  const spellings = [flag.name, ...(flag.hiddenNames ?? [])]
  for (const [index, name] of spellings.entries()) {
    const short = flag.short !== undefined && index === 0 ? `-${flag.short}, ` : ''
    add(parser, `${short}--${name}${value}`, (given) => collect(given ?? 'true'))
    if (flag.kind !== 'bool') continue
    for (const state of ['true', 'false', '1', '0']) {
      add(parser, `--${name}=${state}`, () => collect(state))
      if (short !== '') add(parser, `-${flag.short}=${state}`, () => collect(state))
    }
  }
}

function add(parser: Parser, spelling: string, collect: (value?: string) => void): void {
  // A short flag with a value ("-d=false") is no short flag to the parser: it takes it as the name of a long one.
  const option = new Option(spelling.replace(/^-(\w=)/, '--short-$1'))
  if (/^-\w=/.test(spelling)) option.long = spelling
  parser.addOption(option)
  parser.on(`option:${option.name()}`, collect)
}

// "-e=A=b" is the value "A=b"; the parser hands on "=A=b".
function withoutEquals(value: string, flag: FlagSpec, words: readonly string[]): string {
  const joined =
    value.startsWith('=') && words.some((word) => /^-\w/.test(word) && word.endsWith(`${flag.short}${value}`))
  return joined ? value.slice(1) : value
}

function usageError(error: CommanderError, words: readonly string[]): UsageError {
  const [, named] = /'([^']*)'/.exec(error.message) ?? []
  if (error.code === 'commander.optionMissingArgument') {
    const [long] = /--[\w-]+/.exec(named ?? '') ?? ['']
    const [, short] = /-(\w),/.exec(named ?? '') ?? []
    const last = words.at(-1) ?? ''
    if (short !== undefined && !last.startsWith('--')) {
      return new UsageError(`flag needs an argument: '${short}' in ${last}`)
    }
    return new UsageError(`flag needs an argument: ${long}`)
  }
  const flag = named ?? words.find((word) => word.startsWith('-')) ?? ''
  if (flag.startsWith('--')) return new UsageError(`unknown flag: ${flag.split('=')[0]}`)
  return new UsageError(`unknown shorthand flag: '${flag[1] ?? ''}' in ${flag}`)
}
