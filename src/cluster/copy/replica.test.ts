import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { KeyValue, WatchEvent } from '../etcd/codec.ts'
import { type KeyChange, Replica } from './replica.ts'

/** An etcd with a few keys: each step is one revision. */
class Model {
  readonly events: WatchEvent[] = []
  #kvs = new Map<string, KeyValue>()

  get revision(): number {
    return this.events.length
  }

  step(key: string, value: string | undefined): void {
    const modRevision = this.revision + 1
    if (value === undefined) {
      this.#kvs.delete(key)
      this.events.push({ type: 'delete', key, modRevision })
    } else {
      const kv = { key, value, createRevision: modRevision, modRevision }
      this.#kvs.set(key, kv)
      this.events.push({ type: 'put', kv })
    }
  }

  list(): KeyValue[] {
    return [...this.#kvs.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  contents(): Record<string, string> {
    return Object.fromEntries(this.list().map(({ key, value }) => [key, value]))
  }
}

/** Somebody who knows only what the replica tells. */
class Follower {
  readonly known: Record<string, string> = {}

  hear(changes: readonly KeyChange[]): void {
    for (const { key, before, after } of changes) {
      assert.equal(this.known[key], before, 'a change begins where the last one ended')
      assert.notEqual(before, after, 'a change changes something')
      if (after === undefined) delete this.known[key]
      else this.known[key] = after
    }
  }
}

const keys = fc.constantFrom('a', 'b', 'c')
const values = fc.option(fc.constantFrom('1', '2', '3'), { nil: undefined })
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('theirs' as const), key: keys, value: values }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('ours' as const), key: keys, value: values }) },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('watch' as const), count: fc.nat({ max: 3 }), again: fc.nat({ max: 2 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('list' as const),
        meanwhile: fc.array(fc.tuple(keys, values), { maxLength: 2 }),
      }),
    },
  ),
  { maxLength: 40 },
)

test('Replica is what etcd is, however late, doubled or lost its events are, and so is whoever listens to it', () => {
  fc.assert(
    fc.property(steps, (todo) => {
      const [etcd, replica, follower] = [new Model(), new Replica(), new Follower()]
      const ours = new Map<string, string | undefined>()
      const write = (who: 'ours' | 'theirs', key: string, value: string | undefined) => {
        etcd.step(key, value)
        if (who === 'ours') follower.hear(replica.anticipate([[key, value]], etcd.revision))
        if (who === 'ours') ours.set(key, value)
        else ours.delete(key)
      }
      const watch = (count: number, again: number) => {
        const events = etcd.events.slice(Math.max(0, replica.revision - again), replica.revision + count)
        follower.hear(replica.apply(events, Math.min(etcd.revision, replica.revision + count)))
      }
      for (const step of todo) {
        if (step.do === 'watch') watch(step.count, step.again)
        else if (step.do === 'list') {
          const [kvs, revision] = [etcd.list(), etcd.revision]
          for (const [key, value] of step.meanwhile) write('ours', key, value)
          follower.hear(replica.reset(kvs, revision))
        } else write(step.do, step.key, step.value)
        // What we wrote last is never forgotten for what was before it.
        for (const [key, value] of ours) assert.equal(replica.get(key), value)
      }
      watch(etcd.revision, 0)
      assert.deepEqual(follower.known, etcd.contents())
      for (const key of ['a', 'b', 'c']) assert.equal(replica.get(key), etcd.contents()[key])
    }),
    { numRuns: 1_000 },
  )
})

test('Replica.reset() of an older backup keeps what is lost, until it comes back or is dropped', () => {
  const replica = new Replica()
  const kv = (key: string, value: string, modRevision: number) => ({ key, value, createRevision: 1, modRevision })
  replica.reset([kv('a', '1', 5), kv('b', '1', 6), kv('c', '1', 7)], 7)
  assert.deepEqual(replica.reset([kv('a', '0', 3)], 3, true), [{ key: 'a', before: '1', after: '0' }])
  assert.deepEqual(
    [...replica.doubtful()],
    [
      ['b', '1'],
      ['c', '1'],
    ],
  )
  assert.deepEqual([replica.get('a'), replica.get('b')], ['0', undefined])
  assert.deepEqual(replica.apply([{ type: 'put', kv: kv('b', '1', 4) }], 4), [])
  assert.deepEqual(replica.dropDoubtful(), [{ key: 'c', before: '1', after: undefined }])
  assert.deepEqual([replica.get('b'), replica.get('c'), replica.revision], ['1', undefined, 4])
})
