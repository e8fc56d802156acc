import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../base/log.ts'
import { openSqliteStore } from '../store/sqlite-store.ts'
import type { Store } from '../store/store.ts'
import { EventStore } from './event-store.ts'
import type { EngineEvent } from './events.ts'

const event = (timeNano: number, Action = 'start'): EngineEvent => ({
  Type: 'container',
  Action,
  Actor: { ID: 'c', Attributes: {} },
  scope: 'local',
  time: 0,
  timeNano,
})
const times = (store: Store) => new EventStore(store, silentLog).list().map(({ timeNano }) => timeNano)

test('EventStore gives the next engine what was flushed, in the order of time', () => {
  using store = openSqliteStore(':memory:')
  {
    using events = new EventStore(store, silentLog)
    for (const one of [event(1), event(2, 'exec_start: true'), event(3)]) events.add(one)
    assert.deepEqual(times(store), [], 'nobody waits for a write')
    events.flush()
    events.add(event(4))
    assert.equal(events.list().length, 4)
  }
  assert.deepEqual(times(store), [1, 2, 3, 4])
})

test('EventStore keeps the last events only, and execs drive nothing else out', () => {
  using store = openSqliteStore(':memory:')
  using events = new EventStore(store, silentLog)
  events.add(event(0))
  for (let i = 1; i <= 10_000; i++) {
    events.add(event(i, 'exec_die'))
    if (i % 100 === 0) events.flush()
  }
  const kept = times(store)
  assert.deepEqual([kept[0], kept.at(-1)], [0, 10_000])
  assert.ok(kept.length >= 1025 && kept.length <= 1125, `${kept.length} events are kept`)
  for (let i = 1; i <= 10_000; i++) {
    events.add(event(20_000 + i))
    if (i % 10 === 0) events.flush()
  }
  assert.equal(times(store).filter((time) => time > 20_000).length, 4100)
})

test('EventStore goes on when nothing can be written', () => {
  const store = openSqliteStore(':memory:')
  using events = new EventStore(store, silentLog)
  events.list() // what is kept is read while it can be
  events.add(event(1))
  store[Symbol.dispose]()
  events.flush()
  assert.equal(events.list().length, 1)
})
