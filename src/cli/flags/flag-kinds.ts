import type { FlagKind, FlagSpec } from './flag-spec.ts'

type More = Partial<FlagSpec>

const ofKind =
  (kind: FlagKind) =>
  (name: string, help: string, more: More = {}): FlagSpec => ({ name, kind, help, ...more })

/** A flag of any words. */
export const text = ofKind('string')
/** A flag that may be given several times. */
export const list = ofKind('list')
/** A flag that is there or not. */
export const bool = ofKind('bool')
/** A flag of a whole number. */
export const int = ofKind('int')
/** A flag of a size: `512m`. */
export const bytes = ofKind('bytes')
