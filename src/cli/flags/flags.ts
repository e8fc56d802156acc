import { UsageError } from '../errors.ts'
import type { FlagSpec } from './flag-spec.ts'
import { parseBoolean, parseBytes, parseDecimal, parseDuration, parseInteger, splitCsv } from './values.ts'

/** The flags of one command line, read as their specification says. A flag that is not specified is a bug. */
export class Flags {
  readonly #specs: ReadonlyMap<string, FlagSpec>
  readonly #words: ReadonlyMap<string, readonly string[]>

  /**
   * @param words  by flag name, in the order of the command line
   * @throws {UsageError} for the first value that does not fit its flag
   */
  constructor(specs: readonly FlagSpec[], words: ReadonlyMap<string, readonly string[]>) {
    this.#specs = new Map(specs.map((spec) => [spec.name, spec]))
    this.#words = words
    for (const [name, values] of words) for (const value of values) check(this.#spec(name), value)
  }

  /** True when the command line has this flag, with whatever value. */
  given(name: string): boolean {
    return this.#words.has(this.#spec(name).name)
  }

  /** True when the command knows this flag. */
  has(name: string): boolean {
    return this.#specs.has(name)
  }

  /** A `bool` flag. */
  on(name: string): boolean {
    return parseBoolean(this.#last(name) ?? 'false')
  }

  /** A `string` flag; empty when it was not given and has no default. */
  text(name: string): string {
    return this.#last(name) ?? ''
  }

  /** A `list` or `strings` flag, in order. */
  list(name: string): readonly string[] {
    const values = this.#words.get(name) ?? []
    return this.#spec(name).kind === 'strings' ? values.flatMap(splitCsv) : values
  }

  /** An `int`, `decimal`, `bytes` or `duration` flag (nanoseconds); `undefined` when it was not given and has no default. */
  number(name: string): number | undefined {
    const value = this.#last(name)
    return value === undefined ? undefined : readers[this.#spec(name).kind]?.(value)
  }

  /** A list of `key=value` as an object; a key without a value has `""`. */
  map(name: string): Record<string, string> {
    return Object.fromEntries(this.list(name).map(splitPair))
  }

  #last(name: string): string | undefined {
    const spec = this.#spec(name)
    return this.#words.get(name)?.at(-1) ?? spec.default
  }

  #spec(name: string): FlagSpec {
    const spec = this.#specs.get(name)
    if (spec === undefined) throw new TypeError(`Cannot read flag "${name}": the command has no such flag`)
    return spec
  }
}

/** Splits at the first `=`: `"a=b=c"` is `["a", "b=c"]`, `"a"` is `["a", ""]`. */
export function splitPair(text: string): [string, string] {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

const readers: Readonly<Record<string, (text: string) => number>> = {
  int: parseInteger,
  decimal: parseDecimal,
  bytes: parseBytes,
  duration: parseDuration,
}

function check(spec: FlagSpec, value: string): void {
  try {
    if (spec.kind === 'bool') parseBoolean(value)
    else readers[spec.kind]?.(value)
    spec.check?.(value)
  } catch (cause) {
    const shown = spec.short === undefined ? `--${spec.name}` : `-${spec.short}, --${spec.name}`
    throw new UsageError(`invalid argument ${JSON.stringify(value)} for "${shown}" flag: ${(cause as Error).message}`)
  }
}
