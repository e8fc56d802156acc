import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RecordSet } from '../../wire/dns/answer.ts'
import { nameKey, nameText, pointerKey } from '../../wire/dns/name.ts'
import type { NamedEndpoint, SandboxSetup } from '../protocol.ts'
import { NameTable } from './names.ts'
import { NameView } from './view.ts'

const front = { id: 'n1', name: 'front' }
const back = { id: 'n2', name: 'Back.End' }

function view(endpoints: Partial<NamedEndpoint>[], setup: Partial<SandboxSetup> = {}): NameView {
  const table = new NameTable()
  for (const [i, endpoint] of endpoints.entries())
    table.put({ id: `e${i}`, networkId: 'n1', names: ['web'], addresses: [], ...endpoint })
  return new NameView(table, { networks: [front, back], links: {}, ...setup })
}

/** The data of the answer in hex, sorted; `undefined` when it would be forwarded. */
function ask(names: NameView, name: string, type = 1): string[] | undefined {
  const set: RecordSet | undefined = names.find(nameKey(name)!, type)
  if (set === undefined) return undefined
  const count = set.bytes.length === 0 ? 0 : set.bytes.length / set.recordBytes
  const record = (i: number) => Buffer.from(set.bytes.subarray(i * set.recordBytes + 12, (i + 1) * set.recordBytes))
  return Array.from({ length: count }, (_, i) => record(i).toString('hex')).sort()
}

const web = { names: ['web', 'www', 'c0ffee123456'], addresses: ['10.0.0.2', 'fd00::2'] }
const v6 = `fd${'0'.repeat(29)}2`

test('NameView.find() knows names, aliases and ids, in any case, alone and with their network', () => {
  const names = view([web])
  for (const name of ['web', 'WWW', 'C0FFEE123456', 'web.front', 'Web.FRONT.'])
    assert.deepEqual(ask(names, name), ['0a000002'], name)
  assert.deepEqual(ask(names, 'web', 28), [v6])
  assert.deepEqual(ask(names, 'web', 255), ['0a000002'])
})

test('NameView.find() has nothing to say about other names and other networks', () => {
  const names = view([web, { networkId: 'n3', names: ['secret'], addresses: ['10.0.9.9'] }])
  for (const name of ['db', 'web.back.end', 'web.front.org', 'front', 'secret', 'secret.front', 'x.web', '.'])
    assert.equal(ask(names, name), undefined, name)
})

test('NameView.find() knows a name without the type asked, and then says so', () => {
  const names = view([{ addresses: ['10.0.0.2'] }, { names: ['created'] }])
  assert.deepEqual(ask(names, 'web', 28), [])
  assert.deepEqual(ask(names, 'web', 15), [])
  assert.deepEqual(ask(names, 'web.front', 16), [])
  assert.deepEqual(ask(names, 'created'), [])
})

test('NameView.find() answers with everybody who has a name', () => {
  const names = view([
    { names: ['a', 'db'], addresses: ['10.0.0.2'] },
    { names: ['b', 'db'], addresses: ['10.0.0.3', 'fd00::2'] },
    { names: ['c', 'DB'], addresses: [] },
  ])
  assert.deepEqual(ask(names, 'db'), ['0a000002', '0a000003'])
  assert.deepEqual(ask(names, 'db', 28), [v6])
})

test('NameView.find() searches networks in their order, and goes on when a family is missing', () => {
  const endpoints = [
    { networkId: 'n2', addresses: ['10.2.0.2', 'fd00::2'] },
    { networkId: 'n1', addresses: ['10.1.0.2'] },
  ]
  const names = view(endpoints)
  assert.deepEqual([ask(names, 'web'), ask(names, 'web', 28)], [['0a010002'], [v6]])
  assert.deepEqual(ask(names, 'web.back.end'), ['0a020002'])
  assert.deepEqual(ask(view(endpoints, { networks: [back, front] }), 'web'), ['0a020002'])
})

test('NameView.find() takes every split of a name with dots, the whole name first', () => {
  const endpoints = [
    { names: ['a.b'], addresses: ['10.0.0.1'] },
    { networkId: 'n2', names: ['a'], addresses: ['10.0.0.2'] },
  ]
  const names = view(endpoints)
  assert.deepEqual(ask(names, 'a.b'), ['0a000001'])
  assert.deepEqual(ask(names, 'a.b.front'), ['0a000001'])
  assert.deepEqual(ask(names, 'a.back.end'), ['0a000002'])
  const whole = view([...endpoints, { names: ['a.back.end'], addresses: ['10.0.0.3'] }])
  assert.deepEqual(ask(whole, 'a.back.end'), ['0a000003'])
})

test('NameView.find() looks at links first', () => {
  const names = view([web], { links: { Web: ['10.9.9.9'], db: ['10.9.9.8', '10.9.9.8'] } })
  assert.deepEqual(ask(names, 'web'), ['0a090909'])
  assert.deepEqual(ask(names, 'web', 28), [v6])
  assert.deepEqual(ask(names, 'DB.front'), ['0a090908'])
  assert.deepEqual(ask(names, 'db', 28), [])
  assert.equal(ask(names, 'db.org'), undefined)
})

test('NameView.find() names an address after the first name, with its network', () => {
  const names = view([web])
  const pointer = (bytes: Buffer) => {
    const set = names.find(pointerKey(bytes), 12)
    return set && nameText(Buffer.from(set.bytes.subarray(12, -1)).toString('latin1'))
  }
  assert.equal(pointer(Buffer.from([10, 0, 0, 2])), 'web.front')
  assert.equal(pointer(Buffer.from(v6, 'hex')), 'web.front')
  assert.equal(pointer(Buffer.from([10, 0, 0, 3])), undefined)
})

test('NameView.find() writes the name of an address as it was given', () => {
  const names = view([{ names: ['Web'], addresses: ['10.0.0.2'] }])
  const set = names.find(pointerKey(Buffer.from([10, 0, 0, 2])), 12)!
  assert.match(Buffer.from(set.bytes).toString('latin1'), /Web\x05front/)
  assert.deepEqual(ask(names, 'wEB'), ['0a000002'])
})

test('NameTable forgets and replaces endpoints without a trace', () => {
  const table = new NameTable()
  const names = new NameView(table, { networks: [front], links: {} })
  const endpoint = { id: 'e1', networkId: 'n1', names: ['web', 'bad..name'], addresses: ['10.0.0.2'] }
  const all = () => [ask(names, 'web'), ask(names, 'db'), ask(names, '2.0.0.10.in-addr.arpa', 12)?.length]
  table.put(endpoint)
  table.put(endpoint)
  assert.deepEqual(all(), [['0a000002'], undefined, 1])
  table.put({ ...endpoint, names: ['db'], addresses: ['10.0.0.3'] })
  assert.deepEqual(all(), [undefined, ['0a000003'], undefined])
  table.put({ ...endpoint, id: 'e2', addresses: ['10.0.0.4'] })
  table.retain(new Set(['e2']))
  assert.deepEqual(all(), [['0a000004'], undefined, undefined])
  table.remove('e2')
  table.remove('e2')
  assert.deepEqual(all(), [undefined, undefined, undefined])
})

test('NameTable keeps an address for who took it over', () => {
  const table = new NameTable()
  const names = new NameView(table, { networks: [front], links: {} })
  table.put({ id: 'old', networkId: 'n1', names: ['old'], addresses: ['10.0.0.2'] })
  table.put({ id: 'new', networkId: 'n1', names: ['new'], addresses: ['10.0.0.2'] })
  table.remove('old')
  assert.equal(ask(names, '2.0.0.10.in-addr.arpa', 12)?.length, 1)
})
