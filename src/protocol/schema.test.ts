import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  fields,
  findFlaw,
  flag,
  foldFields,
  integer,
  list,
  map,
  normalize,
  type Schema,
  text,
  words,
} from './schema.ts'

const schema = fields({
  Name: text,
  Deep: fields({ Flag: flag, Items: list(fields({ Count: integer })) }),
  Labels: map(text),
  Ports: map(list(fields({ Port: text }))),
  Names: list(text),
  Cmd: words,
})

test('foldFields() finds fields in every case, and leaves keys that are data', () => {
  const body = { name: 'a', DEEP: { flag: true, items: [{ count: 1 }] }, labels: { name: 'x' }, Other: 1 }
  assert.deepEqual(foldFields(schema, body), {
    Name: 'a',
    Deep: { Flag: true, Items: [{ Count: 1 }] },
    Labels: { name: 'x' },
    Other: 1,
  })
  assert.deepEqual(foldFields(schema, { Name: 'a', name: 'b' }), { Name: 'b' }, 'the last one counts')
  for (const value of [null, 1, 'x', []]) assert.deepEqual(foldFields(schema, value), value)
})

test('normalize() leaves out what is null, and fills lists and texts of maps', () => {
  const body = {
    Name: null,
    Deep: { Items: [null] },
    Names: [null],
    Labels: { a: null },
    Ports: { b: null },
    Cmd: 'ls',
  }
  assert.deepEqual(normalize(schema, body), {
    Deep: { Items: [{}] },
    Names: [''],
    Labels: { a: '' },
    Ports: { b: null },
    Cmd: ['ls'],
  })
})

const pair: Schema = { type: ['array', 'null'], items: { type: ['integer'] }, length: 2 }
const checked = fields({
  Name: text,
  Count: integer,
  Cmd: words,
  Tty: flag,
  Labels: map(text),
  Size: pair,
  Lists: list(list(text)),
})

test('findFlaw() lets unknown fields pass, and null wherever a value may be missing', () => {
  const good = { Name: 'a', Count: 2.0, Cmd: 'sh', Tty: null, Labels: { x: null }, Size: [1, 2], Lists: [null, ['a']] }
  assert.equal(findFlaw(checked, { ...good, Other: [{}], constructor: 7, ...JSON.parse('{"__proto__":1}') }), undefined)
  assert.equal(findFlaw(checked, null), undefined)
})

for (const [body, path, types] of [
  ['[]', '', ['object', 'null']],
  ['"x"', '', ['object', 'null']],
  ['{"Count":1.5}', 'Count', ['integer', 'null']],
  ['{"Count":"1"}', 'Count', ['integer', 'null']],
  ['{"Tty":0}', 'Tty', ['boolean', 'null']],
  ['{"Cmd":["a",null]}', 'Cmd.1', ['string']],
  ['{"Labels":["a"]}', 'Labels', ['object', 'null']],
  ['{"Labels":{"a":"b","c":{}}}', 'Labels.c', ['string', 'null']],
  ['{"Size":[1]}', 'Size', ['array', 'null']],
  ['{"Size":[1,2,3]}', 'Size', ['array', 'null']],
  ['{"Lists":[[],["a",["b"]]]}', 'Lists.1.1', ['string', 'null']],
  ['{"Tty":1,"Name":2}', 'Tty', ['boolean', 'null']],
] as const) {
  test(`findFlaw() finds what is wrong in ${body}`, () => {
    const flaw = findFlaw(checked, JSON.parse(body))
    assert.deepEqual([flaw?.path.join('.'), flaw?.schema.type], [path, types])
  })
}
