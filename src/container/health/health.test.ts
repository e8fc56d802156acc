import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergeHealth, planHealth } from './health-plan.ts'
import { type HealthState, nextHealth, probeDelayMs, startingHealth } from './next-health.ts'
import { goDuration } from './run-probe.ts'
import { StartQueue } from './start-queue.ts'

const plan = planHealth({ Healthcheck: { Test: ['CMD', 'true'], Interval: 2e9, Retries: 2, StartPeriod: 1e10 } })!
const result = (exitCode: number) => ({ start: '', end: '', exitCode, output: '' })

test('planHealth fills in what is left open, and knows when there is no check', () => {
  assert.deepEqual(plan, {
    command: ['true'],
    intervalMs: 2000,
    timeoutMs: 30_000,
    startPeriodMs: 10_000,
    startIntervalMs: 5000,
    retries: 2,
  })
  assert.deepEqual(planHealth({ Healthcheck: { Test: ['CMD-SHELL', 'exit 1'] } })?.command, ['/bin/sh', '-c', 'exit 1'])
  const withShell = planHealth({ Healthcheck: { Test: ['CMD-SHELL', 'x'] }, Shell: ['/bin/bash', '-ec'] })
  assert.deepEqual(withShell?.command, ['/bin/bash', '-ec', 'x'])
  for (const Test of [[], ['NONE'], ['CMD'], ['OTHER', 'x']])
    assert.equal(planHealth({ Healthcheck: { Test } }), undefined)
  assert.equal(planHealth({}), undefined)
})

test('mergeHealth takes from the image what the user does not say', () => {
  const image = { Test: ['CMD', 'a'], Interval: 5, Retries: 7 }
  assert.deepEqual(mergeHealth(undefined, image), image)
  assert.deepEqual(mergeHealth({ Interval: 9, Timeout: 0 }, image), { ...image, Interval: 9 })
  assert.deepEqual(mergeHealth({ Test: ['NONE'] }, image), { ...image, Test: ['NONE'] })
  assert.deepEqual(mergeHealth({ Test: ['CMD', 'b'] }, undefined), { Test: ['CMD', 'b'] })
})

test('nextHealth counts failures after the start period, and forgets them with the first success', () => {
  const story = (steps: readonly (readonly [exitCode: number, sinceStartMs: number])[]) => {
    let health: HealthState = startingHealth(undefined)
    return steps.map(([code, since]) => {
      health = nextHealth(health, result(code), plan, since)
      return `${health.status} ${health.failingStreak}`
    })
  }
  const early = [
    [1, 0],
    [1, 9999],
  ] as const
  assert.deepEqual(story([...early, [1, 10_000], [1, 12_000]]), [
    'starting 0',
    'starting 0',
    'starting 1',
    'unhealthy 2',
  ])
  // Once it was healthy, the start period is over.
  assert.deepEqual(story([[0, 0], ...early, [0, 0]]), ['healthy 0', 'healthy 1', 'unhealthy 2', 'healthy 0'])
})

test('nextHealth keeps the last five results', () => {
  let health = startingHealth(undefined)
  for (let code = 0; code < 8; code++) health = nextHealth(health, result(code), plan, 0)
  assert.deepEqual(
    health.log.map(({ exitCode }) => exitCode),
    [3, 4, 5, 6, 7],
  )
})

test('probeDelayMs is the start interval until the container is healthy or the start period over', () => {
  assert.deepEqual(
    [probeDelayMs(plan, 'starting', 0), probeDelayMs(plan, 'healthy', 0), probeDelayMs(plan, 'starting', 10_000)],
    [5000, 2000, 2000],
  )
})

test('goDuration writes a time as Go does', () => {
  assert.deepEqual([500, 1000, 1500, 90_000, 3_600_000].map(goDuration), ['500ms', '1s', '1.5s', '1m30s', '1h0m0s'])
})

test('StartQueue lets few begin at one time, and what takes long makes room', async () => {
  const queue = new StartQueue(2)
  const began: number[] = []
  const ends = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
  const all = Promise.withResolvers<void>()
  for (const [i, { promise }] of ends.entries()) {
    queue.add(async () => {
      began.push(i)
      if (began.length === ends.length) all.resolve()
      await promise
    })
  }
  assert.deepEqual(began, [0, 1])
  ends[1]!.resolve()
  await ends[1]!.promise
  await new Promise(setImmediate)
  assert.deepEqual(began, [0, 1, 2])
  await all.promise // nobody ends: their turn does
  for (const { resolve } of ends) resolve()
})
