import fc from 'fast-check'

/** Names with letters that no id has, so that none is the beginning of one. */
export const networkNames = ['north', 'south', 'west'] as const
export const containerNames = ['kit', 'lou', 'max'] as const
export const aliases = ['www', 'sql'] as const
export const linkName = 'peer'
export const volumeNames = ['hold', 'tank'] as const

/** A network that may be there: `nope` never is. */
export const anyNetwork: fc.Arbitrary<string> = fc.oneof(
  { weight: 16, arbitrary: fc.constantFrom('north', 'south') },
  { weight: 3, arbitrary: fc.constantFrom('west', 'bridge') },
  { weight: 1, arbitrary: fc.constantFrom('host', 'none', 'nope') },
)

/** A container that may be there: `nobody` never is. */
export const anyContainer: fc.Arbitrary<string> = fc.oneof(
  { weight: 24, arbitrary: fc.constantFrom(...containerNames) },
  { weight: 1, arbitrary: fc.constant('nobody') },
)

/** Undefined, mostly: one time in `oneIn` a value. */
export function sometimes<T>(oneIn: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: oneIn - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value })
}
