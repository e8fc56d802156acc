import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError, KernelError } from '../base/errors.ts'
import { problemOf } from './problems.ts'

test('problemOf() takes the status from the kind of an EngineError', () => {
  const of = (kind: ConstructorParameters<typeof EngineError>[0]) => problemOf(new EngineError(kind, 'x')).status
  assert.deepEqual(
    (
      ['invalid-argument', 'forbidden', 'not-found', 'conflict', 'internal', 'not-implemented', 'unavailable'] as const
    ).map(of),
    [400, 403, 404, 409, 500, 501, 503],
  )
  assert.deepEqual(problemOf(new KernelError('create bridge "b"', 'EEXIST')), {
    status: 409,
    message: 'Cannot create bridge "b": EEXIST',
    isBug: false,
  })
})

test('problemOf() calls every other throwable a bug', () => {
  assert.deepEqual(problemOf(new TypeError('x is not a function')), {
    status: 500,
    message: 'x is not a function',
    isBug: true,
  })
  assert.deepEqual(problemOf('text'), { status: 500, message: 'text', isBug: true })
  assert.deepEqual(problemOf(new AggregateError([new EngineError('conflict', 'a'), new Error('b')], 'both')), {
    status: 409,
    message: 'a\nb',
    isBug: true,
  })
})
