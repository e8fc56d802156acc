import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetworkSpec } from '../../driver.ts'
import { planIpvlan } from './plan.ts'

const spec: NetworkSpec = {
  id: '0123456789abcdef'.repeat(4),
  name: 'lan',
  isDefault: false,
  internal: false,
  enableIPv6: false,
  options: {},
  subnets: [{ prefix: '192.0.2.0/24' }],
}
const planned = (options: Record<string, string>) => planIpvlan({ ...spec, options })

test('planIpvlan() takes l2 and bridge for granted, and an interface of its own where nobody names one', () => {
  assert.deepEqual(planned({}), {
    networkId: spec.id,
    networkName: 'lan',
    parent: { name: 'di-0123456789ab', isOwn: true },
    mode: 'l2',
    flag: 'bridge',
    interfacePrefix: 'eth',
  })
  const { mode, flag } = planned({ ipvlan_mode: 'l3s', ipvlan_flag: 'vepa' })
  assert.deepEqual([mode, flag], ['l3s', 'vepa'])
})

test('planIpvlan() refuses what cannot be, in the words of Docker', () => {
  const cases: [options: Record<string, string>, message: string][] = [
    [{ ipvlan_mode: 'l4' }, "requested ipvlan mode 'l4' is not valid, 'l2' mode is the ipvlan driver default"],
    [{ ipvlan_flag: 'x' }, "requested ipvlan flag 'x' is not valid, 'bridge' is the ipvlan driver default"],
    [{ parent: 'lo' }, 'loopback interface is not a valid ipvlan parent link'],
  ]
  for (const [options, message] of cases) assert.throws(() => planned(options), { kind: 'internal', message })
})
