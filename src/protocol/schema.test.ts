import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fields, flag, foldFields, integer, list, map, normalize, text, words } from './schema.ts'

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
