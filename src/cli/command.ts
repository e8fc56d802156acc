import type { Transport } from '../client/transport.ts'
import type { Flags } from './flags.ts'
import type { Terminal } from './terminal.ts'

/**
 * How a flag's value is read. `list` flags are repeated; `strings` may hold several values in one, parted by commas;
 * `bytes` takes `512m`, `duration` takes `1m30s`.
 */
export type FlagKind = 'bool' | 'string' | 'list' | 'strings' | 'int' | 'decimal' | 'bytes' | 'duration'

/** One flag of a command, as data. */
export interface FlagSpec {
  /** Without dashes. */
  readonly name: string
  /** One letter. */
  readonly short?: string
  readonly kind: FlagKind
  readonly help: string
  /** Shown in the help instead of the kind: `"network"`, `"map"`. */
  readonly typeName?: string
  /** Shown in the help, and the value when the flag is not given. */
  readonly default?: string
  /** Other names that are understood and not shown: `--net` for `--network`. */
  readonly hiddenNames?: readonly string[]
  /** Throws what is wrong with a value. */
  readonly check?: (value: string) => void
  /** Understood and not shown. */
  readonly hidden?: boolean
}

/** What names an argument or a flag can be completed with. */
export type CompletionSource = 'container' | 'running' | 'stopped' | 'network' | 'image' | 'file' | 'none'

/** One command, as data, and the function that does it. */
export interface Command {
  /** After the command's name: `"[OPTIONS] CONTAINER [CONTAINER...]"`. */
  readonly usage: string
  readonly flags: readonly FlagSpec[]
  /** How many arguments; `max` missing is any number. */
  readonly arguments: { readonly min: number; readonly max?: number }
  /** Flags end at the first argument: the rest belongs to another program. */
  readonly passThrough?: boolean
  /** Command lines with a word about each, for the help. */
  readonly examples: readonly string[]
  /** What the arguments name, for completion. */
  readonly completes?: CompletionSource
  /** @returns the exit code */
  run(context: CommandContext): Promise<number>
}

/** What a command works with. */
export interface CommandContext {
  readonly flags: Flags
  readonly args: readonly string[]
  readonly terminal: Terminal
  readonly env: Readonly<Record<string, string | undefined>>
  /** Connects on the first call; the address is `-H`, `WHARF_HOST`, `DOCKER_HOST` or the default. */
  readonly transport: Transport
  /** Milliseconds since 1970. */
  readonly now: () => number
}
