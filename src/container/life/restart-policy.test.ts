import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextRestartDelayMs, shouldRestart, shouldStartWithEngine } from './restart-policy.ts'

const ended = { exitCode: 1, restartCount: 0, stoppedByUser: false }

test('shouldRestart() follows the policy, the exit code and the count', () => {
  const cases = [
    [{ policy: {}, ...ended }, false],
    [{ policy: { Name: 'no' as const }, ...ended }, false],
    [{ policy: { Name: 'always' as const }, ...ended, exitCode: 0 }, true],
    [{ policy: { Name: 'always' as const }, ...ended, stoppedByUser: true }, false],
    [{ policy: { Name: 'unless-stopped' as const }, ...ended }, true],
    [{ policy: { Name: 'on-failure' as const }, ...ended }, true],
    [{ policy: { Name: 'on-failure' as const }, ...ended, exitCode: 0 }, false],
    [{ policy: { Name: 'on-failure' as const, MaximumRetryCount: 2 }, ...ended, restartCount: 1 }, true],
    [{ policy: { Name: 'on-failure' as const, MaximumRetryCount: 2 }, ...ended, restartCount: 2 }, false],
  ] as const
  assert.deepEqual(
    cases.map(([facts]) => shouldRestart(facts)),
    cases.map(([, expected]) => expected),
  )
})

test('shouldStartWithEngine() starts `always` even when the user had stopped it, and nothing that never ran', () => {
  const start = (Name: 'always' | 'unless-stopped' | 'on-failure' | 'no', more = {}) =>
    shouldStartWithEngine({ policy: { Name }, ...ended, startedBefore: true, ...more })
  const byUser = { stoppedByUser: true }
  assert.deepEqual(
    [start('always'), start('unless-stopped'), start('on-failure'), start('no')],
    [true, true, true, false],
  )
  assert.deepEqual(
    [start('always', byUser), start('unless-stopped', byUser), start('on-failure', byUser)],
    [true, false, false],
  )
  assert.equal(start('on-failure', { exitCode: 0 }), false)
  assert.equal(start('always', { startedBefore: false }), false)
})

test('nextRestartDelayMs() doubles up to a minute and starts over after a healthy run', () => {
  assert.deepEqual(
    [0, 100, 51_200, 60_000].map((previous) => nextRestartDelayMs(previous, 5)),
    [100, 200, 60_000, 60_000],
  )
  assert.equal(nextRestartDelayMs(12_800, 10_000), 100)
})
