import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkVolumeName } from './volume-name.ts'

test('checkVolumeName() takes what can be the name of a directory, and nothing that climbs', () => {
  for (const name of ['ab', 'data_1.old-2', '0a', 'x'.repeat(255)]) checkVolumeName(name)
  for (const name of ['a', '..', '../x', '.hidden', 'a/b', 'a b', '-a', '_a', 'ä1', 'ab\n', 'x'.repeat(256)]) {
    assert.throws(() => checkVolumeName(name), { kind: 'invalid-argument' }, JSON.stringify(name))
  }
})

test('checkVolumeName() refuses in the words of Docker', () => {
  assert.throws(() => checkVolumeName('a'), {
    message: 'create a: volume name is too short, names should be at least two alphanumeric characters',
  })
  assert.throws(() => checkVolumeName('../x'), {
    message:
      'create ../x: "../x" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path',
  })
})
