import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { renderRecords, writeAnswer, writeCode, writeRefusal } from '../../src/wire/dns/answer.ts'
import { decodeMessage, encodeMessage, type MessageParts } from '../../src/wire/dns/message.ts'
import { nameKey, readName } from '../../src/wire/dns/name.ts'
import { parseQuery } from '../../src/wire/dns/query.ts'
import { readReply, renderForward, writeReply } from '../../src/wire/dns/reply.ts'

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)
const runs = { seed, numRuns: 3000 }

const u16 = fc.integer({ min: 0, max: 0xffff })
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array))
const label = fc.stringMatching(/^[a-z0-9_-]{1,20}$/)
const key = fc.array(label, { maxLength: 6 }).map((labels) => nameKey(labels.join('.'))!)
const type = fc.oneof(u16, fc.constantFrom(1, 2, 5, 6, 12, 16, 28, 41, 255))
const question = fc.record({ key, type, class: fc.oneof(fc.constant(1), u16) }, { noNullPrototype: true })
const ttl = fc.integer({ min: 0, max: 0xffff_ffff })
const record = fc.record({ key, type, class: u16, ttl, data: bytes(40) }, { noNullPrototype: true })
const records = fc.array(record, { maxLength: 4 })
const message: fc.Arbitrary<MessageParts> = fc.record(
  {
    id: u16,
    flags: u16,
    questions: fc.array(question, { maxLength: 2 }),
    answers: records,
    authorities: records,
    additionals: records,
  },
  { noNullPrototype: true },
)
const query = fc
  .record({ id: u16, flags: fc.constantFrom(0x0100, 0x0110, 0), question, edns: fc.boolean(), size: u16 })
  .map(({ edns, size, question: asked, ...head }) => {
    const opt = { key: '', type: 41, class: size, ttl: 0, data: Buffer.alloc(0) }
    return encodeMessage({ ...head, questions: [asked], additionals: edns ? [opt] : [] })
  })
/** Valid messages with some bytes changed, and sometimes cut: they go deeper into a decoder than noise does. */
const damaged = fc
  .tuple(
    fc.oneof(message.map(encodeMessage), query),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
    fc.nat(),
  )
  .map(([whole, changes, cut]) => {
    const copy = Buffer.from(whole)
    for (const [at, value] of changes) copy[at % copy.length] = value
    return cut % 4 === 0 ? copy.subarray(0, cut % copy.length) : copy
  })
const anything = fc.oneof(bytes(600), damaged)

/** Runs something that may say RangeError, and nothing else. */
function orRangeError(run: () => void): void {
  try {
    run()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
}

test(`decodeMessage() reads what encodeMessage() wrote (seed ${seed})`, () => {
  fc.assert(
    fc.property(message, (parts) => {
      const { questionEnd: _, ...decoded } = decodeMessage(encodeMessage(parts))
      const plain = (list: readonly object[]) =>
        list.map(({ ttlOffset: __, ...rest }: any) => ({ ...rest, data: [...rest.data] }))
      const wanted = { ...parts, ...sections(parts, plain) }
      assert.deepEqual({ ...decoded, ...sections(decoded, plain) }, wanted)
    }),
    runs,
  )
})

function sections(parts: MessageParts, plain: (list: readonly object[]) => object[]): object {
  const { answers = [], authorities = [], additionals = [] } = parts
  return { answers: plain(answers), authorities: plain(authorities), additionals: plain(additionals) }
}

test(`decodeMessage() and readName() decode anything or throw RangeError (seed ${seed})`, () => {
  fc.assert(
    fc.property(anything, fc.nat(100), (input, at) => {
      orRangeError(() => decodeMessage(input))
      orRangeError(() => readName(input, at))
    }),
    { ...runs, numRuns: 10_000 },
  )
})

test(`parseQuery() takes anything, and every answer to it can be read (seed ${seed})`, () => {
  fc.assert(
    fc.property(anything, fc.integer({ min: 0, max: 100 }), (input, count) => {
      const buffer = Buffer.alloc(4096)
      input.copy(buffer)
      const parsed = parseQuery(buffer, input.length)
      if (parsed === undefined) return
      if (typeof parsed === 'number') {
        decodeMessage(buffer.subarray(0, writeRefusal(buffer, parsed)))
        return
      }
      const limit = Math.min(parsed.sizeLimit, buffer.length)
      const set = renderRecords(1, 600, Array(count).fill(Buffer.alloc(4)))
      const length = writeAnswer(buffer, parsed, set, limit)
      const { id, questions, answers, flags } = decodeMessage(buffer.subarray(0, length))
      assert.ok(length <= limit)
      assert.deepEqual([id, questions[0]?.key], [parsed.id, parsed.key])
      assert.equal(answers.length < count, (flags & 0x200) !== 0)
      decodeMessage(buffer.subarray(0, writeCode(buffer, parsed, 3)))
    }),
    { ...runs, numRuns: 10_000 },
  )
})

test(`readReply() takes anything, and what it takes can be passed on (seed ${seed})`, () => {
  fc.assert(
    fc.property(query, records, u16, anything, fc.boolean(), (asked, answers, flags, noise, matching) => {
      const parsed = parseQuery(asked, asked.length)
      if (typeof parsed !== 'object') return
      const sent = renderForward(parsed, asked, 1)
      const { questions } = decodeMessage(asked)
      const input = matching ? encodeMessage({ id: 1, flags: flags | 0x8000, questions, answers }) : noise
      const reply = readReply(input, sent, parsed.questionEnd)
      if (matching) assert.ok(reply !== undefined)
      if (reply === undefined) return
      const out = Buffer.alloc(70_000)
      asked.copy(out)
      const {
        id,
        answers: passed,
        flags: said,
      } = decodeMessage(out.subarray(0, writeReply(out, parsed, reply, 7, 4096)))
      assert.equal(id, parsed.id)
      if ((said & 0x200) === 0) assert.equal(passed.length, decodeMessage(reply.bytes).answers.length)
    }),
    { ...runs, numRuns: 5000 },
  )
})
