import type { Kind } from './kinds.ts'

/** One setting: how it is written in the file and on the command line, what it is unless told, what it does. */
export interface Option<T> {
  /** In the file: `"dns-opts"`. */
  readonly key: string
  /** On the command line, without the dashes: `"dns-opt"`. */
  readonly flag: string
  /** One letter: `-H`. */
  readonly short?: string
  readonly kind: Kind<T>
  readonly fallback: T
  /** Narrows what `kind` takes. @returns what a right value is, in words, when this one is wrong */
  check?(value: T): string | undefined
  readonly doc: string
  /** True: SIGHUP makes a new value of the file count. */
  readonly reloadable: boolean
}

/** What an option's declaration may leave out: the flag is spelled as the key, and it is read at the start only. */
export type OptionSpec<T> = Omit<Option<T>, 'flag' | 'reloadable'> & Partial<Pick<Option<T>, 'flag' | 'reloadable'>>

/** Completes the declaration of an option. */
export function option<T>(spec: OptionSpec<T>): Option<T> {
  return { flag: spec.key, reloadable: false, ...spec }
}
