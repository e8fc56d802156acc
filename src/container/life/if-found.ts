import { EngineError } from '../../base/errors.ts'

/** What `find` finds; undefined when that is not there. */
export function ifFound<Found>(find: () => Found): Found | undefined {
  try {
    return find()
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'not-found') return undefined
    throw error
  }
}
