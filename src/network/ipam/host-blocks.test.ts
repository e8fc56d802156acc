import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blockArithmetic as blocks } from './host-blocks.ts'

test('blockLength() chooses blocks that suit a subnet, and refuses those that do not', () => {
  const cases = ['10.0.0.0/8', '10.1.0.0/16', '10.1.0.0/20', '10.1.0.0/24', '10.1.0.0/28']
  assert.deepEqual(
    cases.map((subnet) => blocks.blockLength(subnet, undefined)),
    [24, 24, 24, 28, 29],
  )
  assert.equal(blocks.blockLength('10.1.0.0/16', 20), 20)
  for (const asked of [16, 8, 31]) {
    assert.throws(() => blocks.blockLength('10.1.0.0/16', asked), {
      kind: 'invalid-argument',
      message: `Cannot cut subnet 10.1.0.0/16 into blocks: a block of /${asked} for each host is not possible: it must be between /17 and /30`,
    })
  }
  assert.throws(() => blocks.blockLength('10.1.0.0/29', undefined), /\/29 for each host is not possible/)
})

test('blocks of a subnet come one after the other, each with its gateway', () => {
  assert.deepEqual([...blocks.blocks('10.1.0.0/22', 24)], ['10.1.0.0/24', '10.1.1.0/24', '10.1.2.0/24', '10.1.3.0/24'])
  assert.equal(blocks.blockOf('10.1.2.5/24'), '10.1.2.0/24')
  assert.equal(blocks.gatewayOf('10.1.2.16/28'), '10.1.2.17')
})
