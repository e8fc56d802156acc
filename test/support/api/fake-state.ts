import { EngineError } from '../../../src/base/errors.ts'
import type { FakeEngine } from './fake-engine.ts'

/** What the parts of the fake engine share. */
export type FakeState = Omit<FakeEngine, 'containers' | 'networks' | 'images' | 'volumes' | 'builder'>

/** Notes a call that has an effect, or throws the failure that a test wants next. */
export function act(engine: FakeState, what: string): void {
  engine.journal.push(what)
  const failure = engine.nextFailure
  engine.nextFailure = undefined
  if (failure !== undefined) throw failure
}

/** By id prefix or name. */
export function findIn<T extends { id: string; name: string }>(list: readonly T[], ref: string, message: string): T {
  const found = list.find(({ id, name }) => ref !== '' && (id.startsWith(ref) || name === ref.replace(/^\//, '')))
  if (found === undefined) throw new EngineError('not-found', message)
  return found
}
