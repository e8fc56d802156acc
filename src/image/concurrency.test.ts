import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as tick } from 'node:timers/promises'
import { Slots } from '../base/slots.ts'
import { Pins } from './removal/pins.ts'
import { TaskGroup } from './task-group.ts'

test('Slots.take() lets as many run as there are places, and stops waiting when its signal aborts', async () => {
  const slots = new Slots(() => 2)
  const { signal } = new AbortController()
  let running = 0
  let most = 0
  const work = async () => {
    using _ = await slots.take(signal)
    most = Math.max(most, ++running)
    await tick()
    running--
  }
  await Promise.all(Array.from({ length: 7 }, work))
  assert.equal(most, 2)
  using _one = await slots.take(signal)
  using _two = await slots.take(signal)
  const abort = new AbortController()
  const waiting = slots.take(abort.signal)
  abort.abort(new Error('enough'))
  await assert.rejects(waiting, /enough/)
})

test('TaskGroup.settle() throws the first failure, after it has stopped the rest', async () => {
  const group = new TaskGroup(new AbortController().signal)
  const journal: string[] = []
  group.run(async () => {
    await new Promise((resolve) => group.signal.addEventListener('abort', resolve, { once: true }))
    await tick()
    journal.push('stopped')
    throw new Error('second')
  })
  group.run(async () => {
    group.run(async () => {
      throw new Error('first')
    })
  })
  await assert.rejects(group.settle(), /first/)
  assert.deepEqual(journal, ['stopped'])
})

test('Pins.has() is true while anyone holds', () => {
  const pins = new Pins()
  const one = pins.hold(['a', 'b'])
  const two = pins.hold(['b'])
  one[Symbol.dispose]()
  one[Symbol.dispose]()
  assert.deepEqual([pins.has('a'), pins.has('b')], [false, true])
  two[Symbol.dispose]()
  assert.equal(pins.has('b'), false)
})
