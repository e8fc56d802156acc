import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../base/log.ts'
import { openSqliteStore } from '../store/sqlite-store.ts'
import { EventLog } from './event-log.ts'
import { EventStore } from './event-store.ts'

const openLog = () => new EventLog(new EventStore(openSqliteStore(':memory:'), silentLog))

test('EventLog.read() gives the past from `since`, then what happens, until it is aborted', async () => {
  const log = openLog()
  log.publish('network', 'create', 'a', {})
  const control = new AbortController()
  const seen: string[] = []
  const reading = (async () => {
    for await (const event of log.read({ sinceMs: 0 }, control.signal)) {
      seen.push(event.Action)
      if (event.Action === 'create') log.publish('network', 'connect', 'a', {})
      if (event.Action === 'connect') control.abort()
    }
  })()
  await reading
  assert.deepEqual(seen, ['create', 'connect'])
})

test('EventLog.read() ends at `until`, with the past before it', async () => {
  const log = openLog()
  log.publish('container', 'start', 'c', {})
  const past = await Array.fromAsync(log.read({ sinceMs: 0, untilMs: Date.now() + 1 }, new AbortController().signal))
  const all = await Array.fromAsync(log.read({ untilMs: Date.now() + 1 }, new AbortController().signal))
  const none = await Array.fromAsync(log.read({ untilMs: Date.now() - 1000 }, new AbortController().signal))
  assert.deepEqual([past.map(({ Action }) => Action), all.length, none], [['start'], 1, []])
})

test('EventLog.publish() never gives two events one time', async () => {
  const log = openLog()
  for (let i = 0; i < 100; i++) log.publish('container', 'start', 'c', {})
  const events = await Array.fromAsync(log.read({ sinceMs: 0, untilMs: Date.now() + 1 }, new AbortController().signal))
  assert.equal(new Set(events.map(({ timeNano }) => timeNano)).size, 100)
})
