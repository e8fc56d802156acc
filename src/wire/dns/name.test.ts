import assert from 'node:assert/strict'
import { test } from 'node:test'
import { labelStarts, nameKey, nameText, pointerKey, readName, skipName } from './name.ts'

test('nameKey() writes labels as the wire has them, in lower case, and nameText() reads them', () => {
  for (const [text, key, again] of [
    ['web', '\x03web', 'web'],
    ['Web.Front', '\x03web\x05front', 'web.front'],
    ['web.front.', '\x03web\x05front', 'web.front'],
    ['.', '', '.'],
    ['', '', '.'],
    ['Üb', '\x03Ã\x9cb', 'Üb'], // only ASCII has cases
    ['x'.repeat(63), `\x3f${'x'.repeat(63)}`, 'x'.repeat(63)],
  ] as const) {
    assert.equal(nameKey(text), key)
    assert.equal(nameText(key), again)
  }
})

test('nameKey() refuses what DNS cannot carry', () => {
  const tooLong = Array.from({ length: 64 }, () => 'abc').join('.') // 64 × 4 bytes
  for (const text of ['a..b', '.a', 'x'.repeat(64), tooLong, '..']) assert.equal(nameKey(text), undefined, text)
  assert.equal(nameKey(tooLong.slice(4, -1))?.length, 251)
})

test('labelStarts() finds where a name can be split', () => {
  assert.deepEqual(labelStarts('\x03web\x05front\x01a'), [0, 4, 10])
  assert.deepEqual(labelStarts(''), [])
})

test('pointerKey() names an address backwards', () => {
  assert.equal(nameText(pointerKey(Buffer.from([10, 0, 0, 2]))), '2.0.0.10.in-addr.arpa')
  const v6 = Buffer.from('fd000000000000000000000000000abc', 'hex')
  assert.equal(nameText(pointerKey(v6)), 'c.b.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa')
})

test('readName() follows pointers, and says where the name ends in its place', () => {
  const bytes = Buffer.from('\x05FRONT\0\x03web\xc0\x00\xff', 'latin1')
  assert.deepEqual(readName(bytes, 0), { key: '\x05front', end: 7 })
  assert.deepEqual(readName(bytes, 7), { key: '\x03web\x05front', end: 13 })
})

test('readName() throws RangeError for names that do not end', () => {
  for (const [why, bytes] of [
    ['itself', '\xc0\x00'],
    ['forwards', '\xc0\x02\x00'],
    ['cut pointer', '\x01a\xc0'],
    ['cut label', '\x05ab'],
    ['no end', '\x01a'],
    ['reserved label', '\x40abc'],
    ['256 bytes', `${`\x3f${'x'.repeat(63)}`.repeat(4)}\0`],
  ] as const)
    assert.throws(() => readName(Buffer.from(bytes, 'latin1'), 0), RangeError, why)
})

test('skipName() stays within its end', () => {
  const bytes = Buffer.from('\x03web\xc0\x00\0', 'latin1')
  assert.equal(skipName(bytes, 0, bytes.length), 6)
  assert.equal(skipName(bytes, 0, 5), -1)
  assert.equal(skipName(bytes, 0, 3), -1)
  assert.equal(skipName(bytes, 6, 7), 7)
})
