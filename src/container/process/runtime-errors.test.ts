import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createError } from './runtime-errors.ts'

test('createError() turns what crun says into the words that clients look for', () => {
  const init = 'runc create failed: unable to start container process: error during container init: '
  const cases = [
    [
      'executable file `nosuch` not found in $PATH: No such file or directory\n',
      'nosuch',
      `${init}exec: "nosuch": executable file not found in $PATH: unknown`,
    ],
    [
      'executable file `/no/such` not found in $PATH: No such file or directory\n',
      '/no/such',
      `${init}exec: "/no/such": stat /no/such: no such file or directory: unknown`,
    ],
    ['open executable: Operation not permitted', '/tmp', `${init}exec: "/tmp": is a directory: unknown`],
    ['open executable: Permission denied', '/etc/x', `${init}exec: "/etc/x": permission denied: unknown`],
  ] as const
  for (const [said, command, expected] of cases) {
    assert.deepEqual(
      { ...createError(said, command), message: createError(said, command).message },
      {
        name: 'EngineError',
        kind: 'invalid-argument',
        message: `failed to create task for container: failed to create shim task: OCI runtime create failed: ${expected}`,
      },
    )
  }
})

test('createError() passes on what it does not know', () => {
  const error = createError('mount `x`: No such device', 'sh')
  assert.equal(error.kind, 'internal')
  assert.match(error.message, /OCI runtime create failed: mount `x`: No such device: unknown$/)
})
