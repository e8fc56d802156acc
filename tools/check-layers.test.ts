import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkFile } from './check-layers.ts'

test('checkFile() finds forbidden imports, of values, of types, and those that wait', () => {
  const text = [
    "import { a } from '../base/errors.ts'",
    "import { b } from '../protocol/image.ts'",
    'import type {',
    '  C,',
    "} from '../network/model.ts'",
    "const d = await import('../store/store.ts')",
    "import { e } from './message.ts'",
    "import { f } from '../base/_secret.ts'",
    "import { g } from '../../test/support/kernel.ts'",
  ].join('\n')
  assert.deepEqual(
    checkFile('src/kernel/x.ts', text).map(({ line, why }) => `${line}: ${why}`),
    [
      '2: kernel may not import protocol',
      '3: kernel may not import network',
      '6: kernel may not import store',
      '8: _files are private to base',
      '9: only tests may import what is under test/',
    ],
  )
})

test('checkFile() lets the unit tests of a folder use the support of all tests', () => {
  assert.deepEqual(checkFile('src/kernel/x.test.ts', "import { g } from '../../test/support/kernel.ts'"), [])
})
