import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

const module = import.meta.resolve('./give-back-memory.ts')

/** A process that takes memory, lets go of it, and then does nothing but look how much it has. */
const program = `
  import { giveBackMemory } from ${JSON.stringify(module)}
  const objects = []
  for (let number = 0; number < 500_000; number++) objects.push({ number })
  const busy = process.memoryUsage.rss()
  objects.length = 0
  using _ = giveBackMemory({ everyMs: 100, share: 0.5, growth: 2 ** 20 })
  await new Promise((resolve) => {
    const timer = setInterval(() => {
      if (process.memoryUsage.rss() > busy - 16 * 2 ** 20) return
      clearInterval(timer)
      resolve()
    }, 50)
  })`

test('a process that rests gives back what it does not need', () => {
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  assert.equal(status, 0, stderr)
})
