import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IpamConfig } from '../model.ts'
import { type AddressSpace, planSubnets } from './plan-subnets.ts'
import { defaultPools, localIpv6Pool } from './pools.ts'
import { parsePrefix } from './prefix.ts'
import { TakenBlocks } from './taken-blocks.ts'

const space: AddressSpace = {
  pools: [...defaultPools, localIpv6Pool(Uint8Array.of(1, 2, 3, 4, 5))],
  networks: new TakenBlocks(['172.17.0.0/16', '10.1.0.0/16'].map((text) => parsePrefix(text)!)),
  occupied: () => [new TakenBlocks([parsePrefix('172.18.0.0/15')!])],
}

function plan(configs: readonly Partial<IpamConfig>[], families = { enableIPv4: true, enableIPv6: false }) {
  return planSubnets({ configs, ...families }, space)
}

test('planSubnets() chooses what is left open: a free subnet, its first address as the gateway', () => {
  const cases: readonly [Partial<IpamConfig>[], IpamConfig[]][] = [
    [[], [{ subnet: '172.20.0.0/16', gateway: '172.20.0.1' }]],
    [[{}], [{ subnet: '172.20.0.0/16', gateway: '172.20.0.1' }]],
    [[{ subnet: '0.0.0.0/24' }], [{ subnet: '172.20.0.0/24', gateway: '172.20.0.1' }]],
    [[{ subnet: '172.18.0.0/16' }], [{ subnet: '172.18.0.0/16', gateway: '172.18.0.1' }]],
    [
      [{ subnet: '10.2.0.0/16', ipRange: '10.2.5.0/24', auxAddresses: { router: '10.2.0.1' } }],
      [{ subnet: '10.2.0.0/16', ipRange: '10.2.5.0/24', gateway: '10.2.5.0', auxAddresses: { router: '10.2.0.1' } }],
    ],
    [
      [{ subnet: '10.2.0.0/24', auxAddresses: { router: '10.2.0.1' } }],
      [{ subnet: '10.2.0.0/24', gateway: '10.2.0.2', auxAddresses: { router: '10.2.0.1' } }],
    ],
    [[{ subnet: '10.2.0.0/31' }], [{ subnet: '10.2.0.0/31', gateway: '10.2.0.0' }]],
  ]
  for (const [configs, want] of cases) assert.deepEqual(plan(configs), want, JSON.stringify(configs))
})

test('planSubnets() gives each family that is enabled a subnet', () => {
  const both = { enableIPv4: true, enableIPv6: true }
  const ula = { subnet: 'fd01:203:405::/64', gateway: 'fd01:203:405::1' }
  assert.deepEqual(plan([{ subnet: '10.2.0.0/24' }], both), [{ subnet: '10.2.0.0/24', gateway: '10.2.0.1' }, ula])
  assert.deepEqual(plan([], { enableIPv4: false, enableIPv6: true }), [ula])
  const order = plan([{ subnet: 'fd00:9::/64' }, { subnet: '10.2.0.0/24' }], both).map(({ subnet }) => subnet)
  assert.deepEqual(order, ['10.2.0.0/24', 'fd00:9::/64'], 'IPv4 first')
})

test('planSubnets() leaves out the gateways that nobody needs, unless somebody names one', () => {
  const request = { enableIPv4: true, enableIPv6: true, withoutGateway: ['ipv4'] as const }
  const ula = { subnet: 'fd01:203:405::/64', gateway: 'fd01:203:405::1' }
  assert.deepEqual(plan([{ subnet: '10.2.0.0/24' }], request), [{ subnet: '10.2.0.0/24' }, ula])
  const named = { subnet: '10.2.0.0/24', gateway: '10.2.0.9' }
  assert.deepEqual(plan([named], request), [named, ula])
})

test('planSubnets() refuses with Docker’s words', () => {
  const cases: readonly [Partial<IpamConfig>[], string, string][] = [
    [
      [{ subnet: '10.1.2.0/24' }],
      'forbidden',
      'invalid pool request: Pool overlaps with other one on this address space',
    ],
    [
      [{ subnet: '10.5.0.1/16' }],
      'invalid-argument',
      'invalid network config:\ninvalid subnet 10.5.0.1/16: it should be 10.5.0.0/16',
    ],
    [
      [{ subnet: 'ten' }, { subnet: '10.5.0.0/33' }],
      'invalid-argument',
      'invalid network config:\n* invalid subnet ten: invalid CIDR block notation\n* invalid subnet 10.5.0.0/33: invalid CIDR block notation',
    ],
    [
      [{ subnet: '10.5.0.0/16', gateway: '10.6.0.1' }],
      'invalid-argument',
      "invalid network config:\ninvalid gateway 10.6.0.1: parent subnet 10.5.0.0/16 doesn't contain this address",
    ],
    [
      [{ subnet: '10.5.0.0/16', gateway: 'fd00::1' }],
      'invalid-argument',
      'invalid network config:\ninvalid gateway fd00::1: parent subnet is an IPv4 block',
    ],
    [
      [{ subnet: '10.5.0.0/16', ipRange: '10.6.0.0/24' }],
      'invalid-argument',
      "invalid network config:\ninvalid ip-range 10.6.0.0/24: parent subnet 10.5.0.0/16 doesn't contain ip-range",
    ],
    [
      [{ subnet: '10.5.0.0/16', ipRange: '10.0.0.0/8' }],
      'invalid-argument',
      'invalid network config:\ninvalid ip-range 10.0.0.0/8: CIDR block is bigger than its parent subnet 10.5.0.0/16',
    ],
    [
      [{ subnet: '10.5.0.0/16', auxAddresses: { printer: '10.6.0.1' } }],
      'invalid-argument',
      "invalid network config:\ninvalid auxiliary address printer: parent subnet 10.5.0.0/16 doesn't contain this address",
    ],
    [
      [{ subnet: '10.5.0.0/016' }],
      'invalid-argument',
      'invalid network config:\ninvalid subnet 10.5.0.0/016: invalid CIDR block notation',
    ],
    [
      [{ subnet: '10.5.0.0/24', gateway: '10.5.0.255' }],
      'internal',
      'failed to allocate gateway (10.5.0.255): Address already in use',
    ],
    [
      [{ subnet: '10.5.0.0/24', gateway: '10.5.0.2', auxAddresses: { printer: '10.5.0.2' } }],
      'internal',
      'failed to allocate secondary ip address (printer:10.5.0.2): Address already in use',
    ],
    [
      [{ subnet: '10.5.0.0/32', auxAddresses: { printer: '10.5.0.0' } }],
      'internal',
      "failed to allocate gateway (): no available IPv4 addresses on this network's address pools",
    ],
  ]
  for (const [configs, kind, message] of cases) assert.throws(() => plan(configs), { kind, message })
  assert.throws(() => planSubnets({ configs: [], enableIPv4: true, enableIPv6: false }, { ...space, pools: [] }), {
    kind: 'invalid-argument',
    message: 'all predefined address pools have been fully subnetted',
  })
})
