import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as tick } from 'node:timers/promises'
import { KeyedLock } from './keyed-lock.ts'

test('KeyedLock.acquire() runs holders of one key in the order they asked', async () => {
  const lock = new KeyedLock()
  const order: string[] = []
  const work = async (key: string, name: string) => {
    using _ = await lock.acquire(key)
    order.push(`${name} in`)
    await tick()
    order.push(`${name} out`)
  }
  await Promise.all([work('a', '1'), work('a', '2'), work('b', '3')])
  assert.deepEqual(
    order.filter((s) => !s.startsWith('3')),
    ['1 in', '1 out', '2 in', '2 out'],
  )
  assert.ok(order.indexOf('3 in') < order.indexOf('1 out'))
})

test('KeyedLock.acquire() gives up at once when its signal aborts, and the queue goes on', async () => {
  const lock = new KeyedLock()
  const first = await lock.acquire('a')
  await assert.rejects(lock.acquire('a', AbortSignal.timeout(5)), { name: 'TimeoutError' })
  const third = lock.acquire('a')
  first[Symbol.dispose]()
  ;(await third)[Symbol.dispose]()
})
