import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noRecords, renderPointer, renderRecords, writeAnswer, writeCode, writeRefusal } from './answer.ts'
import { decodeMessage } from './message.ts'
import { parseQuery, type Query } from './query.ts'

const plain = Buffer.from('1234' + '0100' + '0001000000000000' + '0357654200' + '00010001', 'hex')
const opt = (size: string, ttl = '00008000') => `000029${size}${ttl}0000`
const edns = (size: string) => Buffer.from(`12340110000100000000000103576542000001${'0001'}${opt(size)}`, 'hex')

/** A query in a buffer that its answer fits into. */
function read(message: Buffer): { bytes: Buffer; query: Query } {
  const bytes = Buffer.alloc(4096)
  message.copy(bytes)
  const query = parseQuery(bytes, message.length)
  assert.ok(typeof query === 'object')
  return { bytes, query }
}

const addresses = (count: number) => Array.from({ length: count }, (_, i) => Buffer.from([10, 0, 0, i]))

test('parseQuery() reads a plain question', () => {
  assert.deepEqual(read(plain).query, {
    id: 0x1234,
    flags: 0x0100,
    key: '\x03web',
    type: 1,
    class: 1,
    questionEnd: 21,
    sizeLimit: 512,
    edns: false,
    dnssecOk: false,
  })
})

test('parseQuery() reads what EDNS0 says, and never less than 512 bytes', () => {
  const { query } = read(edns('04d0'))
  assert.deepEqual([query.edns, query.dnssecOk, query.sizeLimit], [true, true, 1232])
  assert.equal(read(edns('0010')).query.sizeLimit, 512)
})

test('parseQuery() tells what gets no answer, and what gets a refusal', () => {
  const hex = (text: string) => Buffer.from(text, 'hex')
  for (const [why, message, expected] of [
    ['shorter than a header', hex('123401000001'), undefined],
    ['a response', hex('1234810000010000000000000357654200' + '00010001'), undefined],
    ['another opcode', hex('1234280000010000000000000357654200' + '00010001'), 4],
    ['two questions', hex('1234010000020000000000000357654200' + '00010001'), 1],
    ['a name that does not end', hex('12340100000100000000000003576542'), 1],
    ['a name with a pointer', hex('123401000001000000000000c00c00010001'), 1],
    ['a question cut short', hex('1234010000010000000000000357654200' + '000100'), 1],
    ['a record that is not there', hex('1234010000010000000000010357654200' + '00010001'), 1],
    ['two OPT records', hex(`1234010000010000000000020357654200${'00010001'}${opt('04d0')}${opt('04d0')}`), 1],
    ['EDNS version 1', hex(`1234010000010000000000010357654200${'00010001'}${opt('04d0', '00010000')}`), 16],
  ] as const)
    assert.equal(parseQuery(message, message.length), expected, why)
})

test('writeAnswer() answers in place, in the spelling of the question', () => {
  const { bytes, query } = read(plain)
  const length = writeAnswer(bytes, query, renderRecords(1, 600, addresses(1)), 512)
  const answer = 'c00c0001000100000258' + '0004' + '0a000000'
  assert.equal(bytes.toString('hex', 0, length), `1234${'8180'}0001000100000000${'0357654200'}00010001${answer}`)
})

test('writeAnswer() answers EDNS0 with EDNS0, and keeps the wish not to check', () => {
  const { bytes, query } = read(edns('1000'))
  const length = writeAnswer(bytes, query, noRecords, 4096)
  assert.equal(bytes.toString('hex', 0, length), `1234${'8190'}00010000000000010357654200${'00010001'}${opt('04d0')}`)
})

test('writeAnswer() gives each order of the records its turn', () => {
  const set = renderRecords(1, 600, addresses(3))
  const orders = new Set<string>()
  for (let i = 0; i < 500; i++) {
    const { bytes, query } = read(plain)
    const length = writeAnswer(bytes, query, set, 512)
    orders.add(
      decodeMessage(bytes.subarray(0, length))
        .answers.map(({ data }) => data[3])
        .join(''),
    )
  }
  assert.deepEqual([...orders].sort(), ['012', '021', '102', '120', '201', '210'])
})

test('writeAnswer() leaves out whole records that do not fit, and says so', () => {
  for (const [message, limit, kept] of [
    [plain, 512, Math.floor((512 - 21) / 16)],
    [edns('0200'), 512, Math.floor((512 - 21 - 11) / 16)],
  ] as const) {
    const { bytes, query } = read(message)
    const length = writeAnswer(bytes, query, renderRecords(1, 600, addresses(100)), limit)
    const { answers, flags } = decodeMessage(bytes.subarray(0, length))
    assert.deepEqual([answers.length, flags & 0x200], [kept, 0x200])
    assert.equal(new Set(answers.map(({ data }) => data[3])).size, kept)
    assert.ok(length <= limit)
  }
})

test('writeAnswer() says a name that an address has', () => {
  const { bytes, query } = read(plain)
  const length = writeAnswer(bytes, query, renderPointer(600, '\x03web\x05front'), 512)
  const [record] = decodeMessage(bytes.subarray(0, length)).answers
  assert.deepEqual([record?.type, Buffer.from(record!.data).toString('latin1')], [12, '\x03web\x05front\0'])
})

test('writeCode() and writeRefusal() say no in place', () => {
  const { bytes, query } = read(plain)
  assert.equal(
    bytes.toString('hex', 0, writeCode(bytes, query, 2)),
    `1234${'8182'}00010000000000000357654200${'00010001'}`,
  )
  const odd = Buffer.from('123401000002000000000000', 'hex')
  assert.equal(odd.toString('hex', 0, writeRefusal(odd, 1)), '1234' + '8181' + '0000000000000000')
  const future = Buffer.alloc(64)
  edns('04d0').copy(future)
  assert.equal(
    future.toString('hex', 0, writeRefusal(future, 16)),
    `1234${'8180'}0000000000000001${opt('04d0', '01000000')}`,
  )
})
