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
