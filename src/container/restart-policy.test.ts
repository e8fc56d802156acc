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

test('shouldStartWithEngine() starts `always` even when the user had stopped it', () => {
  const stopped = { ...ended, stoppedByUser: true, wasRunning: false }
  assert.equal(shouldStartWithEngine({ policy: { Name: 'always' }, ...stopped }), true)
  assert.equal(shouldStartWithEngine({ policy: { Name: 'unless-stopped' }, ...stopped }), false)
  assert.equal(shouldStartWithEngine({ policy: { Name: 'unless-stopped' }, ...ended, wasRunning: true }), true)
  assert.equal(shouldStartWithEngine({ policy: { Name: 'always' }, ...ended, wasRunning: false }), false)
})

test('nextRestartDelayMs() doubles up to a minute and starts over after a healthy run', () => {
  assert.deepEqual(
    [0, 100, 51_200, 60_000].map((previous) => nextRestartDelayMs(previous, 5)),
    [100, 200, 60_000, 60_000],
  )
  assert.equal(nextRestartDelayMs(12_800, 10_000), 100)
})
