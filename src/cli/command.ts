import type { Transport } from '../client/transport.ts'
import type { FlagSpec } from './flags/flag-spec.ts'
import type { Flags } from './flags/flags.ts'
import type { Terminal } from './terminal.ts'

/** What names an argument or a flag can be completed with. */
export type CompletionSource = 'container' | 'running' | 'stopped' | 'network' | 'image' | 'volume' | 'file' | 'none'

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
