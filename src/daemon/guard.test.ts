import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig } from '../engine/parse-config.ts'
import { guardOf } from './guard.ts'

test('guardOf() opens TCP to everybody only when that was said aloud', () => {
  const kindOf = (text: string) => {
    const guard = guardOf(parseConfig(text, {}))
    return guard.kind === 'tls' ? `tls, verify ${guard.verify}` : guard.kind
  }
  assert.equal(kindOf('{}'), 'unsaid')
  assert.equal(kindOf('{"tls":true}'), 'unsaid')
  assert.equal(kindOf('{"tls":false}'), 'none')
  assert.equal(kindOf('{"tlsverify":true}'), 'tls, verify true')
  assert.equal(kindOf('{"tlsverify":true,"tls":false}'), 'tls, verify true')
  assert.equal(kindOf('{"tlsverify":false}'), 'tls, verify false')
})
