import fc from 'fast-check'
import type { Model } from '../model.ts'
import type { Operation } from '../operation.ts'

/** An operation that is chosen when its time comes, and the model is known. */
export type Intent = (model: Model) => Operation

const tries = 12

/**
 * The first of a few that would be fulfilled, so that operations on what is there are not rare; now and then the first of
 * all, so that wrong ones are not either.
 */
export function likely(operation: fc.Arbitrary<Operation>): fc.Arbitrary<Intent> {
  const candidates = fc.array(operation, { minLength: tries, maxLength: tries, size: 'max' })
  const isAny = fc.integer({ min: 0, max: 3 }).map((one) => one === 0)
  // Shrinking leaves steps out; with other candidates, a step would be another one.
  return fc.noShrink(fc.tuple(candidates, isAny)).map(([operations, isAny]) => (model) => {
    const [first] = operations as [Operation]
    return isAny ? first : (operations.find((one) => isFulfilled(one, model)) ?? first)
  })
}

/** 304 is an answer to what is so already. */
function isFulfilled(operation: Operation, model: Model): boolean {
  const { refusals, status } = operation.predict(model)
  return refusals.length === 0 && status !== 304
}
