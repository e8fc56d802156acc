import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  decodeBytes,
  decodeHeader,
  decodeInteger,
  decodeRange,
  decodeTxn,
  decodeWatch,
  encodeBytes,
  encodeCompare,
  encodeStep,
  prefixEnd,
} from './codec.ts'

const header = { cluster_id: '14841639068965178418', member_id: '1', revision: '7', raft_term: '2' }

test('decodeTxn() reads an answer of etcd 3.4 as it was captured', () => {
  const kv = { key: 'YQ==', create_revision: '2', mod_revision: '3', version: '1', value: 'Yg==' }
  const range = { header: { revision: '2' }, kvs: [kv], count: '1' }
  const responses = [{ response_range: range }, { response_range: { header: { revision: '2' } } }, { response_put: {} }]
  assert.deepEqual(decodeTxn({ header, responses }), {
    header: { clusterId: '14841639068965178418', revision: 7 },
    succeeded: false,
    reads: [{ key: 'a', value: 'b', createRevision: 2, modRevision: 3 }, undefined],
  })
})

test('decodeWatch() trusts the header only where it says that nothing is left to tell', () => {
  const put = { kv: { key: 'YQ==', create_revision: '2', mod_revision: '2', version: '1', value: 'Yg==' } }
  const gone = { type: 'DELETE', kv: { key: 'YQ==', mod_revision: '3' } }
  assert.deepEqual(decodeWatch({ header, created: true }), { revision: 0, events: [] })
  assert.deepEqual(decodeWatch({ header }), { revision: 7, events: [] })
  assert.deepEqual(decodeWatch({ header, events: [put, gone] }), {
    revision: 3,
    events: [
      { type: 'put', kv: { key: 'a', value: 'b', createRevision: 2, modRevision: 2 } },
      { type: 'delete', key: 'a', modRevision: 3 },
    ],
  })
  assert.deepEqual(decodeWatch({ header, canceled: true, compact_revision: '5' }).canceled, {
    reason: '',
    compactRevision: 5,
  })
})

test('encodeCompare() and encodeStep() write what the gateway wants', () => {
  const key = 'YQ=='
  assert.deepEqual(encodeCompare({ emptyPrefix: 'a/' }), {
    key: 'YS8=',
    range_end: 'YTA=',
    target: 'CREATE',
    result: 'EQUAL',
    create_revision: '0',
  })
  assert.deepEqual(encodeCompare({ key: 'a', exists: true }), {
    key,
    target: 'CREATE',
    result: 'GREATER',
    create_revision: '0',
  })
  assert.deepEqual(encodeCompare({ key: 'a', value: 'b' }), { key, target: 'VALUE', result: 'EQUAL', value: 'Yg==' })
  assert.deepEqual(encodeCompare({ key: 'a', modRevision: 4 }), {
    key,
    target: 'MOD',
    result: 'EQUAL',
    mod_revision: '4',
  })
  assert.deepEqual(encodeStep({ put: 'a', value: 'b', lease: '9' }), {
    request_put: { key, value: 'Yg==', lease: '9' },
  })
  assert.deepEqual(encodeStep({ delete: 'a' }), { request_delete_range: { key } })
})

test('decodeBytes() gives back what encodeBytes() took, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      assert.equal(decodeBytes(encodeBytes(text)), text)
    }),
  )
})

test('decodeInteger() reads every number that a revision can be, and refuses the rest', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (number) => {
      assert.equal(decodeInteger(String(number)), number)
    }),
  )
  for (const wrong of [7, '9223372036854775807', '1.5', '', 'x', null, {}]) {
    assert.throws(() => decodeInteger(wrong), RangeError, JSON.stringify(wrong))
  }
})

test('prefixEnd() ends the range after everything that begins with the prefix, and before all else', () => {
  const names = fc.string({ unit: fc.constantFrom('a', 'b', '/', '0', 'z'), maxLength: 6 })
  fc.assert(
    fc.property(names, names, (name, rest) => {
      const prefix = `${name}/`
      assert.equal(rest >= prefix && rest < prefixEnd(prefix), rest.startsWith(prefix))
      assert.equal(`${prefix}${rest}` < prefixEnd(prefix), true)
    }),
  )
})

test('the decoders read any JSON or throw a RangeError', () => {
  // What is nearly right goes deeper than what is merely random.
  const near = fc.record(
    {
      header: fc.oneof(fc.constant(header), fc.jsonValue()),
      kvs: fc.oneof(
        fc.array(fc.record({ key: fc.oneof(fc.base64String(), fc.jsonValue()) }, { requiredKeys: [] })),
        fc.jsonValue(),
      ),
      events: fc.oneof(
        fc.array(fc.record({ type: fc.jsonValue(), kv: fc.jsonValue() }, { requiredKeys: [] })),
        fc.jsonValue(),
      ),
      responses: fc.oneof(
        fc.array(fc.record({ response_range: fc.jsonValue() }, { requiredKeys: [] })),
        fc.jsonValue(),
      ),
      canceled: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), near), (value) => {
      for (const decode of [decodeHeader, decodeRange, decodeTxn, decodeWatch]) {
        try {
          decode(value)
        } catch (error) {
          assert.ok(error instanceof RangeError, String(error))
        }
      }
    }),
    { numRuns: 500 },
  )
})
