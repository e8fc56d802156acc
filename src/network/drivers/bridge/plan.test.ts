import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BridgeDriver } from './bridge-driver.ts'
import { bridgeElements, planBridge } from './plan.ts'

const spec = {
  id: '0123456789abcdef'.repeat(4),
  name: 'net',
  isDefault: false,
  internal: false,
  enableIPv6: false,
  options: {},
  subnets: [{ prefix: '172.18.0.0/16', gateway: '172.18.0.1' }],
}
const withOption = (name: string, value: string) => ({ ...spec, options: { [name]: value } })

test('planBridge() names the bridge after the network, and gives it a fixed hardware address', () => {
  const { bridge, mac, mtu, addresses, adopts } = planBridge(spec)
  assert.deepEqual(
    { bridge, mac, mtu, addresses, adopts },
    {
      bridge: 'br-0123456789ab',
      mac: '02:42:01:23:45:67',
      mtu: undefined,
      addresses: ['172.18.0.1/16'],
      adopts: false,
    },
  )
})

test('planBridge() takes Docker’s options', () => {
  const named = planBridge(withOption('com.docker.network.bridge.name', 'mybr'))
  assert.deepEqual([named.bridge, named.adopts], ['mybr', true])
  assert.equal(planBridge(withOption('com.docker.network.driver.mtu', '9000')).mtu, 9000)
  assert.deepEqual(planBridge(withOption('com.docker.network.bridge.inhibit_ipv4', 'true')).addresses, [])
  assert.equal(planBridge(withOption('com.docker.network.bridge.enable_icc', '0')).options.icc, false)
  assert.equal(planBridge(withOption('something.else', 'x')).bridge, 'br-0123456789ab')
})

test('planBridge() refuses values and subnets with Docker’s words', () => {
  const bridge = 'com.docker.network.bridge.'
  const mtu = 'com.docker.network.driver.mtu'
  const prefix = 'com.docker.network.container_iface_prefix'
  const values: readonly [label: string, value: string, message: string][] = [
    [
      `${bridge}enable_icc`,
      '',
      `failed to parse ${bridge}enable_icc value:  (strconv.ParseBool: parsing "": invalid syntax)`,
    ],
    [`${bridge}gateway_mode_ipv6`, '', `failed to parse ${bridge}gateway_mode_ipv6 value:  (unknown gateway mode )`],
    [`${bridge}host_binding_ipv4`, '', `failed to parse ${bridge}host_binding_ipv4 value:  (nil ip)`],
    [mtu, '', `failed to parse ${mtu} value:  (strconv.Atoi: parsing "": invalid syntax)`],
    [mtu, '-1', 'invalid MTU number: -1'],
    [prefix, 'a/b', `failed to parse ${prefix} value: a/b (invalid interface name "a/b0")`],
    [mtu, '1279', `failed to parse ${mtu} value: 1279 (IPv6 needs 1280 or more)`],
  ]
  const subnets = [{ prefix: 'fd00:1::/64', gateway: 'fd00:1::1' }]
  for (const [label, value, message] of values) {
    assert.throws(() => planBridge({ ...withOption(label, value), subnets }), { kind: 'invalid-argument', message })
  }
  const blocks: readonly [subnet: string, message: string][] = [
    ['ff05::/64', "multicast subnet 'ff05::/64' is not allowed"],
    ['fe80::/10', "'fe80::/10' clashes with the Link-Local prefix 'fe80::/64'"],
  ]
  for (const [subnet, message] of blocks) {
    assert.throws(() => planBridge({ ...spec, subnets: [{ prefix: subnet }] }), { kind: 'invalid-argument', message })
  }
  assert.equal(planBridge({ ...spec, subnets: [{ prefix: 'fe80::/64' }] }).subnets.length, 1)
})

test('planBridge() gives the bridge no address where it is isolated or inhibited', () => {
  const options = { 'com.docker.network.bridge.gateway_mode_ipv4': 'isolated' }
  assert.deepEqual(planBridge({ ...spec, internal: true, options }).addresses, [])
})

test('bridgeElements() protects, opens or leaves alone by gateway mode and host address', () => {
  const setsOf = (options: Record<string, string>) => {
    const elements = bridgeElements(planBridge({ ...spec, options }))
    return elements.map(({ set, data }) => set + (data === undefined ? '' : `=${data}`)).slice(3)
  }
  const mode = 'com.docker.network.bridge.gateway_mode_ipv4'
  assert.deepEqual(setsOf({}), ['masquerade4', 'protected4'])
  assert.deepEqual(setsOf({ [mode]: 'nat-unprotected' }), ['masquerade4', 'unprotected4'])
  assert.deepEqual(setsOf({ [mode]: 'routed' }), ['routed4'])
  assert.deepEqual(setsOf({ 'com.docker.network.host_ipv4': '192.0.2.7' }), ['source4=192.0.2.7', 'protected4'])
  assert.deepEqual(setsOf({ 'com.docker.network.bridge.trusted_host_interfaces': 'a:b' }), [
    ...['masquerade4', 'protected4'],
    ...['trusted4', 'trusted4'],
  ])
})

test('planBridge() refuses what cannot be, with Docker’s words', () => {
  const refused = (options: Record<string, string>, message: RegExp) => {
    assert.throws(() => planBridge({ ...spec, options }), { kind: 'invalid-argument', message })
  }
  refused(
    { 'com.docker.network.bridge.enable_icc': 'maybe' },
    /^failed to parse com.docker.network.bridge.enable_icc value: maybe \(/,
  )
  refused({ 'com.docker.network.bridge.host_binding_ipv4': 'x' }, /^failed to parse .*host_binding_ipv4 value: x \(/)
  refused({ 'com.docker.network.bridge.name': 'a-name-of-16-byte' }, /a name has 1 to 15 bytes/)
  const mode = 'com.docker.network.bridge.gateway_mode_ipv4'
  refused({ [mode]: 'x' }, /^failed to parse .*gateway_mode_ipv4 value: x \(unknown gateway mode x\)$/)
  refused({ [mode]: 'isolated' }, /^gateway mode 'isolated' can only be used for an internal network$/)
  refused({ 'com.docker.network.host_ipv4': 'x' }, /^failed to parse .*host_ipv4 value: x \(nil ip\)$/)
  refused(
    { 'com.docker.network.bridge.trusted_host_interfaces': 'eth0:a/b' },
    /^failed to parse .*invalid interface name/,
  )
  const two = [...spec.subnets, { prefix: '172.19.0.0/16', gateway: '172.19.0.1' }]
  assert.throws(() => planBridge({ ...spec, subnets: two }), {
    kind: 'forbidden',
    message: "bridge driver doesn't support multiple subnets",
  })
})

test('BridgeDriver.macFor() is 02:42 and the last four bytes of the address', () => {
  const driver = new BridgeDriver({ uplinkMtu: () => 1500, directRouting: false })
  assert.deepEqual(
    ['172.17.0.2', 'fd00::1:2'].map((address) => driver.macFor(address)),
    ['02:42:ac:11:00:02', '02:42:00:01:00:02'],
  )
})
