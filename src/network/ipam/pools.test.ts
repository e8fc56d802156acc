import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseSubnet, defaultPools, isKeptClearOf, localIpv6Pool, pool } from './pools.ts'
import { formatPrefix, type Prefix, parsePrefix } from './prefix.ts'
import { TakenBlocks } from './taken-blocks.ts'

const prefix = (text: string) => parsePrefix(text)!
const chosen = (taken: readonly string[], size?: number) => {
  const found = chooseSubnet(defaultPools, [new TakenBlocks(taken.map(prefix))], {
    family: 'ipv4',
    ...(size && { size }),
  })
  return found && formatPrefix(found)
}

test('chooseSubnet() takes the first block that touches nothing', () => {
  const cases: readonly [string[], string][] = [
    [[], '172.17.0.0/16'],
    [['172.17.0.0/16'], '172.18.0.0/16'],
    [['172.18.0.0/16'], '172.17.0.0/16'],
    [['172.17.5.0/24', '172.18.255.0/24', '172.19.0.1/32'], '172.20.0.0/16'],
    [['172.16.0.0/12'], '192.168.0.0/20'],
    [['172.16.0.0/12', '192.168.0.0/24', '192.168.17.0/24'], '192.168.32.0/20'],
    [['172.16.0.0/12', '192.168.0.0/16'], '10.192.0.0/24'],
    [['172.16.0.0/12', '192.168.0.0/16', '10.192.0.0/23', '10.192.3.0/24'], '10.192.2.0/24'],
  ]
  for (const [taken, want] of cases) assert.equal(chosen(taken), want, taken.join(' '))
  assert.equal(chosen(['172.16.0.0/12', '192.168.0.0/16', '10.0.0.0/8']), undefined)
  assert.equal(chosen(['172.17.0.0/25'], 24), '172.17.1.0/24')
})

test('chooseSubnet() finds more than a thousand, all apart', () => {
  const taken: Prefix[] = []
  const [even, odd] = [new TakenBlocks(), new TakenBlocks()]
  for (let i = 0; i < 1500; i++) {
    const found = chooseSubnet(defaultPools, [even, odd], { family: 'ipv4' })!
    taken.push(found)
    for (const blocks of i % 2 === 0 ? [even] : [odd]) blocks.put(found)
  }
  const sorted = taken.toSorted((a, b) => (a.first < b.first ? -1 : 1))
  assert.ok(sorted.every((block, i) => i === 0 || sorted[i - 1]!.last < block.first))
})

test('chooseSubnet() cuts /64 blocks from the unique local prefix of the engine', () => {
  const pools = [localIpv6Pool(Uint8Array.of(0x0a, 1, 2, 3, 4)), pool('10.0.0.0/8', 24)]
  const first = chooseSubnet(pools, [], { family: 'ipv6' })!
  assert.equal(formatPrefix(first), 'fd0a:102:304::/64')
  assert.equal(
    formatPrefix(chooseSubnet(pools, [new TakenBlocks(), new TakenBlocks([first])], { family: 'ipv6' })!),
    'fd0a:102:304:1::/64',
  )
})

test('isKeptClearOf() leaves out default routes and the halves of everything', () => {
  const blocks = ['0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1', '10.0.0.0/8', '192.0.2.7/32', 'fe80::/64']
  assert.deepEqual(blocks.map(prefix).filter(isKeptClearOf).map(formatPrefix), [
    '10.0.0.0/8',
    '192.0.2.7/32',
    'fe80::/64',
  ])
})
