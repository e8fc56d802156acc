import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as tick } from 'node:timers/promises'
import { Background } from './background.ts'

test('Background.settle() waits for work and for what that work began', async () => {
  const journal: string[] = []
  const background = new Background((what) => journal.push(`failed ${what}`))
  background.run('outer', async () => {
    await tick()
    background.run('inner', async () => {
      await tick()
      journal.push('inner')
    })
    journal.push('outer')
  })
  await background.settle()
  assert.deepEqual(journal, ['outer', 'inner'])
})

test('Background.run() reports a failure and goes on', async () => {
  const failures: unknown[] = []
  const background = new Background((what, error) => failures.push([what, (error as Error).message]))
  background.run('unmount', () => Promise.reject(new Error('busy')))
  await background.settle()
  assert.deepEqual(failures, [['unmount', 'busy']])
})
