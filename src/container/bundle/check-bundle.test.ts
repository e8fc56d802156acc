import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkBundle } from './check-bundle.ts'

test('checkBundle() finds at creation what would fail at the start', () => {
  const cases = [
    [{ CapAdd: ['X'] }, 'invalid-argument', 'invalid CapAdd: unknown capability: "CAP_X"'],
    [{ PidMode: 'x' }, 'invalid-argument', 'invalid PID mode: x'],
  ] as const
  for (const [hostConfig, kind, message] of cases) {
    assert.throws(() => checkBundle(hostConfig), { kind, message })
  }
  assert.throws(() => checkBundle({ IpcMode: 'container:a' }), {
    kind: 'not-implemented',
  })
})

test('checkBundle() takes what is right', () => {
  checkBundle({ PidMode: 'container:abc', IpcMode: 'shareable', UTSMode: 'host' })
})
