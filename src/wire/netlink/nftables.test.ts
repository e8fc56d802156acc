import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hex } from '../../../test/support/hex.ts'
import { decodeNftablesNotice } from './nftables.ts'

const header = [1, 0, 0, 5] // NFPROTO_INET, version, generation 5
const wharf = [...hex`0a 00 01 00 77 68 61 72 66 00 00 00`]

test('decodeNftablesNotice() names what came or went, and where', () => {
  const chain = [...hex`0c 00 02 00 00 00 00 00 00 00 00 01  08 00 03 00 66 77 64 00`] // handle, name "fwd"
  const set = [...hex`0a 00 02 00 70 6f 72 74 73 00 00 00`]
  const cases: [type: number, bytes: number[], expected: object | undefined][] = [
    [0xa00, wharf, { object: 'table', removed: false, family: 'inet', table: 'wharf', name: '' }],
    [0xa05, [...wharf, ...chain], { object: 'chain', removed: true, family: 'inet', table: 'wharf', name: 'fwd' }],
    [0xa0c, [...wharf, ...set], { object: 'element', removed: false, family: 'inet', table: 'wharf', name: 'ports' }],
    [
      0xa0f,
      [...hex`08 00 01 00 00 00 00 07  08 00 02 00 00 00 30 39  08 00 03 00 6e 66 74 00`],
      { object: 'generation', id: 7, processId: 12345, processName: 'nft' },
    ],
    [0xaff, wharf, undefined],
    [0x100, wharf, undefined],
  ]
  for (const [type, bytes, expected] of cases)
    assert.deepEqual(decodeNftablesNotice(type, Uint8Array.from([...header, ...bytes])), expected)
  assert.throws(() => decodeNftablesNotice(0xa00, Uint8Array.of(1, 0)), RangeError)
})
