import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAddress, overlaps, type Prefix, parsePrefix } from './prefix.ts'
import { TakenBlocks } from './taken-blocks.ts'

const prefix = (text: string) => parsePrefix(text)!
const free = (taken: TakenBlocks, base: string, length: number, from = prefix(base).first) => {
  const value = taken.firstFree({ base: prefix(base), length, from })
  return value === undefined ? undefined : formatAddress({ family: prefix(base).family, value })
}

test('TakenBlocks.firstFree() finds the lowest block that nothing touches', () => {
  const taken = new TakenBlocks(['10.0.0.0/24', '10.0.1.128/25', '10.0.2.7/32', 'fd00::/64'].map(prefix))
  assert.equal(free(taken, '10.0.0.0/8', 24), '10.0.3.0')
  assert.equal(free(taken, '10.0.0.0/8', 25), '10.0.1.0')
  assert.equal(free(taken, '10.0.0.0/8', 32), '10.0.1.0')
  assert.equal(free(taken, '10.0.0.0/8', 25, prefix('10.0.1.128/25').first), '10.0.2.128')
  assert.equal(free(taken, '10.0.0.0/24', 26), undefined)
  assert.equal(free(taken, '10.0.0.0/25', 26), undefined, 'a part of what is taken')
  assert.equal(free(taken, '10.0.1.0/24', 24), undefined)
  assert.equal(free(taken, '192.168.0.0/16', 16), '192.168.0.0')
  assert.equal(free(taken, 'fd00::/48', 64), 'fd00:0:0:1::')
})

test('TakenBlocks.delete() gives back what was taken as often', () => {
  const taken = new TakenBlocks()
  const [small, large] = [prefix('10.1.0.0/24'), prefix('10.1.0.0/16')]
  for (const block of [small, small, large]) taken.put(block)
  taken.delete(prefix('10.1.1.0/24')) // never taken by itself
  taken.delete(large)
  assert.deepEqual([taken.touches(large), taken.touches(prefix('10.1.1.0/24'))], [true, false])
  taken.delete(small)
  assert.ok(taken.touches(small))
  taken.delete(small)
  assert.equal(taken.touches(prefix('0.0.0.0/0')), false)
  assert.equal(free(taken, '10.0.0.0/8', 8), '10.0.0.0')
})

test('TakenBlocks answers as a list would, whatever comes and goes', () => {
  let seed = 7
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return seed % below
  }
  const taken = new TakenBlocks()
  const list: Prefix[] = []
  for (let step = 0; step < 1000; step++) {
    const block = prefix(`10.0.${random(16)}.${random(256)}/${20 + random(13)}`)
    if (random(5) < 2 && list.length > 0) taken.delete(list.splice(random(list.length), 1)[0]!)
    else if (list.length < 30) {
      taken.put(block)
      list.push(block)
    }
    assert.equal(
      taken.touches(block),
      list.some((other) => overlaps(other, block)),
    )
    const length = 20 + random(13)
    const blocks = Array.from({ length: 2 ** (length - 20) }, (_, i) => {
      const first = prefix('10.0.0.0/20').first + (BigInt(i) << BigInt(32 - length))
      return { family: 'ipv4', first, last: first + (1n << BigInt(32 - length)) - 1n, length } as const
    })
    const expected = blocks.find((one) => !list.some((other) => overlaps(other, one)))
    const found = taken.firstFree({ base: prefix('10.0.0.0/20'), length, from: prefix('10.0.0.0/20').first })
    assert.equal(found, expected?.first)
  }
})
