import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply } from '../../wire/dns/reply.ts'
import { ReplyCache } from './reply-cache.ts'

const reply = (ttl: number, bytes = 100): Reply => ({
  bytes: Buffer.alloc(bytes),
  questionEnd: 20,
  code: 0,
  truncated: false,
  positive: true,
  ttl,
  ttlOffsets: [],
})

test('ReplyCache.get() gives a reply and its age while it may be believed', () => {
  let now = 1000
  const cache = new ReplyCache({ now: () => now })
  const kept = reply(10)
  cache.put('a', kept)
  assert.deepEqual(cache.get('a'), { reply: kept, ageSeconds: 0 })
  now += 9999
  assert.deepEqual(cache.get('a'), { reply: kept, ageSeconds: 9 })
  now += 1
  assert.equal(cache.get('a'), undefined)
  assert.equal(cache.get('b'), undefined)
})

test('ReplyCache.put() keeps nothing that must not be told again', () => {
  const cache = new ReplyCache()
  cache.put('a', reply(0))
  assert.equal(cache.get('a'), undefined)
})

test('ReplyCache keeps within its size, and what is used longest', () => {
  const cache = new ReplyCache({ maxBytes: 3 * 401, now: () => 0 })
  for (const key of ['a', 'b', 'c']) cache.put(key, reply(10))
  cache.get('a')
  cache.put('d', reply(10))
  cache.put('d', reply(10))
  const there = () => ['a', 'b', 'c', 'd'].filter((key) => cache.get(key) !== undefined)
  assert.deepEqual(there(), ['a', 'c', 'd'])
  cache.put('e', reply(10, 5000))
  assert.deepEqual([there(), cache.get('e')], [[], undefined])
  cache.put('a', reply(10))
  assert.deepEqual(there(), ['a'])
})
