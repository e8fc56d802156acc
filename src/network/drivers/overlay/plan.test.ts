import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetworkSpec } from '../../driver.ts'
import { overlayMtu, planOverlay, tunnelsOf } from './plan.ts'

const spec: NetworkSpec = {
  id: '0123456789abcdef'.repeat(4),
  name: 'over',
  isDefault: false,
  internal: false,
  enableIPv6: false,
  options: {},
  subnets: [{ prefix: '10.0.0.0/24', gateway: '10.0.0.1' }, { prefix: '10.1.0.0/24' }],
}
const vnis = 'com.docker.network.driver.overlay.vxlanid_list'
const mtu = 'com.docker.network.driver.mtu'

test('planOverlay() gives subnets the numbers that were allotted, else those that were wished', () => {
  const numbers = (one: Partial<NetworkSpec>) => planOverlay({ ...spec, ...one }).subnets.map(({ vni }) => vni)
  assert.deepEqual(numbers({}), [undefined, undefined])
  assert.deepEqual(numbers({ options: { [vnis]: '4097, 4098' } }), [4097, 4098])
  const allotted = spec.subnets.map((subnet) => ({ ...subnet, vni: 5000 }))
  assert.deepEqual(numbers({ subnets: allotted, options: { [vnis]: '4097' } }), [5000, 5000])
  assert.deepEqual(tunnelsOf(planOverlay({ ...spec, subnets: allotted })), [5000])
  assert.throws(() => tunnelsOf(planOverlay(spec)), { kind: 'unavailable', message: /it has no VNI/ })
})

test('overlayMtu() takes the headers off what the wire carries, which options may say', () => {
  const plan = (options: NetworkSpec['options'], underlayMtu?: number) =>
    planOverlay({ ...spec, options, ...(underlayMtu !== undefined && { underlayMtu }) })
  const v4 = { address: '192.0.2.1', mtu: 9000 }
  const v6 = { address: '2001:db8::1', mtu: 1500 }
  assert.deepEqual(
    [
      overlayMtu(plan({}), v4),
      overlayMtu(plan({}, 1500), v4),
      overlayMtu(plan({ [mtu]: '1400' }, 1500), v4),
      overlayMtu(plan({}), v6),
      overlayMtu(plan({ encrypted: '' }, 1500), v4),
      overlayMtu(plan({ encrypted: 'false' }, 1500), v4),
    ],
    [8950, 1450, 1350, 1430, 1416, 1450],
  )
})

test('planOverlay() refuses options that cannot be, and says which', () => {
  const cases: readonly [string, string, string, RegExp][] = [
    [vnis, 'x', 'invalid-argument', /vxlanid_list value: x \("x" is not a number from 1 to 16777215\)/],
    [vnis, '0', 'invalid-argument', /"0" is not a number/],
    [vnis, '16777216', 'invalid-argument', /"16777216" is not a number/],
    [vnis, '5,5', 'invalid-argument', /a number is there twice/],
    [mtu, '-1', 'invalid-argument', /driver\.mtu value: -1/],
    [mtu, 'big', 'invalid-argument', /strconv\.Atoi: parsing "big": invalid syntax/],
    ['backend', 'pigeon', 'invalid-argument', /"pigeon"/],
  ]
  for (const [name, value, kind, message] of cases) {
    assert.throws(() => planOverlay({ ...spec, options: { [name]: value } }), { kind, message }, `${name}=${value}`)
  }
})
