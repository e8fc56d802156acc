import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetworkSpec } from '../../driver.ts'
import { planMacvlan } from './plan.ts'

const spec: NetworkSpec = {
  id: '0123456789abcdef'.repeat(4),
  name: 'lan',
  isDefault: false,
  internal: false,
  enableIPv6: false,
  options: {},
  subnets: [{ prefix: '192.0.2.0/24', auxAddresses: { printer: '192.0.2.9', host_access: '192.0.2.128' } }],
}
const planned = (options: Record<string, string>) => planMacvlan({ ...spec, options })

test('planMacvlan() takes bridge for granted, and an interface of its own where nobody names one', () => {
  assert.deepEqual(planned({}), {
    networkId: spec.id,
    networkName: 'lan',
    parent: { name: 'dm-0123456789ab', isOwn: true },
    mode: 'bridge',
    interfacePrefix: 'eth',
    hostAccess: undefined,
  })
  assert.deepEqual(planned({ parent: 'eth0.10', macvlan_mode: 'vepa' }).parent, { name: 'eth0.10', isOwn: false })
})

test('planMacvlan() gives the host the auxiliary address that is called so', () => {
  const { hostAccess } = planned({ parent: 'eth0', host_access: 'true' })
  assert.deepEqual(hostAccess, { name: 'mv-0123456789ab', mac: '02:42:c0:00:02:80', addresses: ['192.0.2.128'] })
})

test('planMacvlan() refuses what cannot be, in the words of Docker where it has them', () => {
  const cases: [options: Record<string, string>, kind: string, message: string][] = [
    [
      { macvlan_mode: 'x' },
      'internal',
      "requested macvlan mode 'x' is not valid, 'bridge' mode is the macvlan driver default",
    ],
    [{ parent: 'lo' }, 'internal', 'loopback interface is not a valid macvlan parent link'],
    [
      { host_access: 'maybe' },
      'invalid-argument',
      'failed to parse host_access value: maybe (strconv.ParseBool: parsing "maybe": invalid syntax)',
    ],
    [
      { host_access: 'true', macvlan_mode: 'private' },
      'invalid-argument',
      'Cannot give the host access to the network: it needs mode "bridge", and the network has "private"',
    ],
  ]
  for (const [options, kind, message] of cases) assert.throws(() => planned(options), { kind, message })
  assert.throws(() => planMacvlan({ ...spec, subnets: [] }), {
    kind: 'invalid-argument',
    message: 'ipv4 pool is empty',
  })
})
