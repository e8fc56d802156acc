import assert from 'node:assert/strict'
import { test } from 'node:test'
import { never } from '../../base/clock.ts'
import type { ContainerState } from '../../container/model.ts'
import { durationText, statusText } from './status-text.ts'

test('durationText() has the units of docker ps', () => {
  const s = 1000
  const [m, h, d] = [60 * s, 3600 * s, 86_400 * s]
  const cases: readonly (readonly [number, string])[] = [
    [-5 * s, 'Less than a second'],
    [999, 'Less than a second'],
    [1 * s, '1 second'],
    [59.9 * s, '59 seconds'],
    [60 * s, 'About a minute'],
    [119 * s, 'About a minute'],
    [2 * m, '2 minutes'],
    [59 * m + 59 * s, '59 minutes'],
    [60 * m, 'About an hour'],
    [89 * m, 'About an hour'],
    [90 * m, '2 hours'],
    [47 * h, '47 hours'],
    [48 * h, '2 days'],
    [13 * d, '13 days'],
    [14 * d, '2 weeks'],
    [59 * d, '8 weeks'],
    [60 * d, '2 months'],
    [729 * d, '24 months'],
    [730 * d, '2 years'],
  ]
  assert.deepEqual(
    cases.map(([milliseconds]) => [milliseconds, durationText(milliseconds)]),
    cases,
  )
})

test('statusText() says what a container does', () => {
  const now = Date.parse('2026-01-01T00:10:00Z')
  const state: ContainerState = {
    status: 'running',
    pid: 1,
    conmonPid: 1,
    exitCode: 3,
    error: '',
    oomKilled: false,
    startedAt: '2026-01-01T00:09:55.000000000Z',
    finishedAt: '2026-01-01T00:07:00.000000000Z',
    restartCount: 0,
    stoppedByUser: false,
  }
  const text = (patch: Partial<ContainerState>) => statusText({ ...state, ...patch }, now)
  assert.deepEqual(
    [
      text({}),
      text({ status: 'paused' }),
      text({ status: 'restarting' }),
      text({ status: 'exited' }),
      text({ status: 'created', startedAt: never, finishedAt: never }),
      text({ status: 'removing' }),
      text({ status: 'dead' }),
    ],
    [
      'Up 5 seconds',
      'Up 5 seconds (Paused)',
      'Restarting (3) 3 minutes ago',
      'Exited (3) 3 minutes ago',
      'Created',
      'Removal In Progress',
      'Dead',
    ],
  )
})
