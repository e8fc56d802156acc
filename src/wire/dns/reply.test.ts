import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeMessage, encodeMessage, type MessageParts } from './message.ts'
import { nameKey } from './name.ts'
import { parseQuery, type Query } from './query.ts'
import { readReply, renderForward, writeReply } from './reply.ts'

const key = nameKey('example.org')!
const question = { key, type: 1, class: 1 }
const address = { ...question, ttl: 300, data: Buffer.from([192, 0, 2, 1]) }
const soa = { key, type: 6, class: 1, ttl: 900, data: Buffer.from(`00${'00'}${'00000001'.repeat(4)}0000003c`, 'hex') }
const opt = { key: '', type: 41, class: 1232, ttl: 0x8000, data: Buffer.alloc(0) }

function ask(parts: Partial<MessageParts> = {}): { message: Buffer; query: Query; sent: Buffer } {
  const message = encodeMessage({ id: 7, flags: 0x0100, questions: [question], ...parts })
  const query = parseQuery(message, message.length)
  assert.ok(typeof query === 'object')
  return { message, query, sent: renderForward(query, message, 99) }
}

const reply = (parts: Partial<MessageParts>) =>
  encodeMessage({ id: 99, flags: 0x8180, questions: [question], ...parts })

test('renderForward() passes on the question, and EDNS0 without what it carries', () => {
  assert.deepEqual(ask().sent, encodeMessage({ id: 99, flags: 0x0100, questions: [question] }))
  const cookie = { ...opt, data: Buffer.from('000a00080102030405060708', 'hex') }
  const { sent } = ask({ additionals: [cookie] })
  assert.deepEqual(sent, encodeMessage({ id: 99, flags: 0x0100, questions: [question], additionals: [opt] }))
})

test('readReply() tells what a reply is worth', () => {
  const { sent, query } = ask()
  const worth = (parts: Partial<MessageParts>) => {
    const { bytes: _, questionEnd: __, ttlOffsets, ...rest } = readReply(reply(parts), sent, query.questionEnd)!
    return { ...rest, records: ttlOffsets.length }
  }
  const base = { code: 0, truncated: false, positive: true }
  assert.deepEqual(worth({ answers: [address] }), { ...base, ttl: 300, records: 1 })
  assert.deepEqual(worth({ answers: [address], authorities: [{ ...address, ttl: 20 }], additionals: [opt] }), {
    ...base,
    ttl: 20,
    records: 2,
  })
  assert.deepEqual(worth({ flags: 0x8183, authorities: [soa] }), {
    code: 3,
    truncated: false,
    positive: false,
    ttl: 60,
    records: 1,
  })
  assert.deepEqual(worth({}), { ...base, positive: false, ttl: 0, records: 0 })
  assert.deepEqual(worth({ flags: 0x8380, answers: [address] }), { ...base, truncated: true, ttl: 0, records: 1 })
  assert.deepEqual(worth({ flags: 0x8182 }), { code: 2, truncated: false, positive: false, ttl: 0, records: 0 })
  assert.equal(worth({ answers: [{ ...address, ttl: 0xffff_ffff }] }).ttl, 86_400)
})

test('readReply() takes only answers to what was asked', () => {
  const { sent, query } = ask()
  for (const [why, parts] of [
    ['a query', { flags: 0x0100 }],
    ['another name', { questions: [{ ...question, key: nameKey('example.com')! }] }],
    ['another type', { questions: [{ ...question, type: 28 }] }],
    ['no question', { questions: [] }],
    ['two questions', { questions: [question, question] }],
  ] as const)
    assert.equal(readReply(reply(parts), sent, query.questionEnd), undefined, why)
  const cut = reply({ answers: [address] }).subarray(0, -1)
  assert.equal(readReply(cut, sent, query.questionEnd), undefined, 'a record cut short')
  const shouted = reply({ questions: [{ ...question, key: key.toUpperCase() }] })
  assert.notEqual(readReply(shouted, sent, query.questionEnd), undefined, 'another spelling')
})

test('writeReply() gives a reply to another client: its id, its spelling, what is left of the time', () => {
  const { sent, query: first } = ask()
  const kept = readReply(reply({ flags: 0x8580, answers: [address] }), sent, first.questionEnd)!
  const other = ask({ id: 8, flags: 0x0110, questions: [{ ...question, key: key.toUpperCase() }] })
  const bytes = Buffer.alloc(512)
  other.message.copy(bytes)
  const length = writeReply(bytes, other.query, kept, 100, 512)
  const shouted = { ...question, key: key.toUpperCase() }
  const expected = { id: 8, flags: 0x8590, questions: [shouted], answers: [{ ...address, ttl: 200 }] }
  assert.deepEqual(bytes.subarray(0, length), encodeMessage(expected))
  assert.equal(kept.bytes.readUInt16BE(0), 99)
})

test('writeReply() truncates what the client cannot take, and TTLs stop at 0', () => {
  const { sent, query, message } = ask()
  const kept = readReply(reply({ answers: Array(40).fill(address) }), sent, query.questionEnd)!
  const bytes = Buffer.alloc(4096)
  message.copy(bytes)
  const short = writeReply(bytes, query, kept, 0, 512)
  assert.deepEqual(bytes.subarray(0, short), encodeMessage({ id: 7, flags: 0x8380, questions: [question] }))
  message.copy(bytes)
  const { answers } = decodeMessage(bytes.subarray(0, writeReply(bytes, query, kept, 1000, 4096)))
  assert.deepEqual([answers.length, answers[0]!.ttl], [40, 0])
})
