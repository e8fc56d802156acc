import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkSettings } from './check-settings.ts'

test('checkSettings() finds at creation what would fail at the start', () => {
  const cases = [
    [{ CapAdd: ['X'] }, 'invalid-argument', 'invalid CapAdd: unknown capability: "CAP_X"'],
    [{ Memory: 1 }, 'invalid-argument', 'Minimum memory limit allowed is 6MB'],
    [{ PidMode: 'x' }, 'invalid-argument', 'invalid PID mode: x'],
    [
      { Mounts: [{ Type: 'bind' as const, Source: '/no/such', Target: '/t' }] },
      'invalid-argument',
      'invalid mount config for type "bind": bind source path does not exist: /no/such',
    ],
  ] as const
  for (const [hostConfig, kind, message] of cases) {
    assert.throws(() => checkSettings({ config: {}, hostConfig }), { kind, message })
  }
  assert.throws(() => checkSettings({ config: {}, hostConfig: { IpcMode: 'container:a' } }), {
    kind: 'not-implemented',
  })
  assert.throws(() => checkSettings({ config: { WorkingDir: 'x' }, hostConfig: {} }), { kind: 'invalid-argument' })
})

test('checkSettings() takes what is right, and does not look for sources that -v would make', () => {
  checkSettings({
    config: { WorkingDir: '/' },
    hostConfig: { Binds: ['/no/such:/t'], PidMode: 'container:abc', IpcMode: 'shareable', UTSMode: 'host' },
  })
})
