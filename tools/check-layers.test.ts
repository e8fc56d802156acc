import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkFile } from './check-layers.ts'

test('checkFile() finds forbidden imports, of values, of types, and those that wait', () => {
  const text = [
    "import { a } from '../base/errors.ts'",
    "import { b } from '../kernel/links.ts'",
    'import type {',
    '  C,',
    "} from '../network/model.ts'",
    "const d = await import('../store/store.ts')",
    "import { e } from './message.ts'",
    "import { f } from '../base/_secret.ts'",
  ].join('\n')
  assert.deepEqual(
    checkFile('src/wire/x.ts', text).map(({ line, why }) => `${line}: ${why}`),
    [
      '2: wire may not import kernel',
      '3: wire may not import network',
      '6: wire may not import store',
      '8: _files are private to base',
    ],
  )
})
