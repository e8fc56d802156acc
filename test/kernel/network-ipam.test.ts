import assert from 'node:assert/strict'
import { run } from '../support/finished.ts'
import { containerId } from '../support/network-lab.ts'
import { scene } from '../support/network-scene.ts'
import { fetch, ping, serve } from '../support/network-traffic.ts'

const inside = async (path: string, ...words: string[]) => (await run('nsenter', [`--net=${path}`, ...words])).stdout

scene('a network that is made from a template is as the template says, and holds it', async (s) => {
  const { networking } = s.lab
  const options = { 'com.docker.network.driver.mtu': '1400' }
  const subnet = '10.77.0.0/24'
  await s.network('base', { configOnly: true, ipamConfigs: [{ subnet }], options, labels: { a: 'b' } })
  assert.deepEqual(
    (await s.lab.links()).filter((name) => name.startsWith('br-')),
    [],
    'a template has no interface',
  )
  await s.network('made', { configFrom: 'base' })
  const made = networking.find('made')
  assert.deepEqual([made.options, made.labels, made.ipam.configs[0]?.subnet], [options, { a: 'b' }, subnet])
  await assert.rejects(networking.remove('base'), {
    kind: 'forbidden',
    message: 'configuration network "base" is in use',
  })
  const forbidden = /cannot create endpoint on configuration-only network$/
  await assert.rejects(s.container('lost', ['base']), { kind: 'forbidden', message: forbidden })
  const a = await s.container('a', ['made'])
  assert.match(await inside(a.path, 'ip', 'link', 'show', 'eth0'), / mtu 1400 /)
  assert.equal(await ping(a.path, '10.77.0.1'), true)
  await s.lab.restart([containerId('a')])
  await s.lab.networking.closeSandbox(containerId('a'))
  assert.deepEqual(await s.lab.networking.prune(() => true, new Set()), ['made'], 'a template is not pruned')
  await s.lab.networking.remove('base')
})

scene('serial allocation gives addresses back at once', async (s) => {
  await s.network('serial', { ipamOptions: { 'com.docker.network.ipam.serial': 'true' } })
  const first = await s.container('a', ['serial'])
  await s.lab.networking.closeSandbox(containerId('a'))
  const second = await s.container('b', ['serial'])
  assert.equal(second.address, first.address)
  assert.equal(await ping(s.host.path, second.address), true)
})

scene('a subnet of an asked size is chosen from the pools', async (s) => {
  await s.network('small', { enableIPv6: true, ipamConfigs: [{ subnet: '0.0.0.0/28' }, { subnet: '::/80' }] })
  const { configs } = s.lab.networking.find('small').ipam
  assert.match(configs[0]!.subnet, /^172\.\d+\.0\.0\/28$/)
  assert.match(configs[1]!.subnet, /^fd[\da-f:]+::\/80$/)
  const a = await s.container('a', ['small'])
  assert.equal(await ping(a.path, configs[0]!.gateway!), true)
  assert.equal(await ping(a.path, configs[1]!.gateway!), true)
})

scene('the null address manager gives no addresses, and the wire is there all the same', async (s) => {
  await s.network('bare', { ipamDriver: 'null' })
  const a = await s.container('a', ['bare'])
  const b = await s.container('b', ['bare'])
  assert.deepEqual(JSON.parse(await inside(a.path, 'ip', '-j', '-4', 'addr', 'show', 'eth0'))[0]?.addr_info ?? [], [])
  await inside(a.path, 'ip', 'addr', 'add', '10.5.5.1/24', 'dev', 'eth0')
  await inside(b.path, 'ip', 'addr', 'add', '10.5.5.2/24', 'dev', 'eth0')
  assert.equal(await ping(a.path, '10.5.5.2'), true)
})

scene('an auxiliary address of the right name is the way out', async (s) => {
  const subnet = '10.78.0.0/24'
  const auxAddresses = { DefaultGatewayIPv4: '10.78.0.254', printer: '10.78.0.2' }
  await s.network('aux', { ipamConfigs: [{ subnet, auxAddresses }] })
  const a = await s.container('a', ['aux'])
  assert.equal(a.address, '10.78.0.3')
  assert.match(await inside(a.path, 'ip', 'route'), /^default via 10\.78\.0\.254 /m)
  assert.equal(await ping(a.path, '10.78.0.1'), true)
})

scene('auxiliary addresses of the right names are the way out of both families: traffic goes there', async (s) => {
  const ipamConfigs = [
    { subnet: '10.78.0.0/24', auxAddresses: { DefaultGatewayIPv4: '10.78.0.254' } },
    { subnet: 'fd78::/64', auxAddresses: { DefaultGatewayIPv6: 'fd78::fe' } },
  ]
  await s.network('aux', { enableIPv6: true, ipamConfigs, options: { 'com.docker.network.bridge.name': 'br-aux' } })
  const a = await s.container('a', ['aux'])
  // A router of somebody else's on the bridge, with something behind it that only it has.
  await inside(
    s.host.path,
    'ip',
    'link',
    'add',
    'router',
    'type',
    'veth',
    'peer',
    'name',
    'inner',
    'netns',
    s.outside.path,
  )
  await inside(s.host.path, 'ip', 'link', 'set', 'router', 'master', 'br-aux', 'up')
  await inside(s.outside.path, 'ip', 'link', 'set', 'inner', 'up')
  for (const cidr of ['10.78.0.254/24', 'fd78::fe/64']) {
    await inside(s.outside.path, 'ip', 'addr', 'add', cidr, 'dev', 'inner', ...(cidr.includes(':') ? ['nodad'] : []))
  }
  for (const cidr of ['198.51.100.1/32', '2001:db8:77::1/128']) {
    await inside(s.outside.path, 'ip', 'addr', 'add', cidr, 'dev', 'lo')
  }
  await using _behind = await serve(s.outside.path, 7000, 'router saw', { host: '::' })
  const own6 = a.view.endpoints[0]!.ipv6!.split('/')[0]
  assert.deepEqual(
    [await fetch(a.path, '198.51.100.1', 7000), await fetch(a.path, '2001:db8:77::1', 7000)],
    [`router saw ::ffff:${a.address}`, `router saw ${own6}`],
  )
  assert.equal(await ping(a.path, '10.78.0.1'), true, 'the bridge has its own address besides')
  const taken = s.container('b', [{ network: 'aux', ipv4: '10.78.0.254' }])
  await assert.rejects(taken, { kind: 'forbidden', message: /Address already in use$/ })
})

const isolated = {
  'com.docker.network.bridge.gateway_mode_ipv4': 'isolated',
  'com.docker.network.bridge.gateway_mode_ipv6': 'isolated',
}
const inhibited = { 'com.docker.network.bridge.inhibit_ipv4': 'true' }

scene('networks that nobody leaves take no address for a gateway: it is a container’s', async (s) => {
  const ipamConfigs = [{ subnet: '10.79.0.0/24' }, { subnet: 'fd79::/64' }]
  await s.network('cell', { internal: true, enableIPv6: true, options: isolated, ipamConfigs })
  assert.deepEqual(s.lab.networking.find('cell').ipam.configs, ipamConfigs)
  const a = await s.container('a', ['cell'])
  const b = await s.container('b', ['cell'])
  const own6 = a.view.endpoints[0]!.ipv6!
  assert.deepEqual([a.address, own6, a.view.endpoints[0]!.gateway], ['10.79.0.1', 'fd79::1/64', undefined])
  assert.deepEqual([await ping(b.path, a.address), await ping(b.path, 'fd79::1')], [true, true])
  assert.equal(await inside(a.path, 'ip', 'route', 'show', 'default'), '')
  await s.network('quiet', { internal: true, options: inhibited, ipamConfigs: [{ subnet: '10.80.0.0/24' }] })
  const c = await s.container('c', ['quiet'])
  assert.equal(c.address, '10.80.0.1')
  const said = [{ subnet: '10.81.0.0/24', gateway: '10.81.0.9' }]
  await s.network('named', { internal: true, options: inhibited, ipamConfigs: said })
  assert.deepEqual(s.lab.networking.find('named').ipam.configs, said, 'one that somebody names is kept')
  await s.network('open', { options: inhibited, ipamConfigs: [{ subnet: '10.82.0.0/24' }] })
  const d = await s.container('d', ['open'])
  assert.equal(d.address, '10.82.0.2', 'whoever may leave has a gateway, though the bridge has no address')
})

scene(
  'networks take their subnets from the pools of the settings, one after the other, until none is left',
  async (s) => {
    const subnetOf = (name: string) => s.lab.networking.find(name).ipam.configs[0]?.subnet
    assert.equal(subnetOf('bridge'), '10.91.0.0/24')
    await s.network('first')
    await s.network('second')
    assert.deepEqual([subnetOf('first'), subnetOf('second')], ['10.92.0.0/25', '10.92.0.128/25'])
    const full = { kind: 'invalid-argument', message: 'all predefined address pools have been fully subnetted' }
    await assert.rejects(s.network('third'), full)
    await assert.rejects(s.network('large', { ipamConfigs: [{ subnet: '0.0.0.0/16' }] }), full)
    await s.lab.networking.remove('first')
    await s.network('third', { ipamOptions: { 'org.example.unknown': 'kept' } })
    const { ipam } = s.lab.networking.find('third')
    assert.deepEqual([subnetOf('third'), ipam.options], ['10.92.0.0/25', { 'org.example.unknown': 'kept' }])
    const a = await s.container('a', ['third'])
    assert.equal(await ping(a.path, '10.92.0.1'), true)
  },
  {
    config: {
      defaultAddressPools: [
        { base: '10.91.0.0/24', size: 24 },
        { base: '10.92.0.0/24', size: 25 },
      ],
    },
  },
)

scene('a subnet that is chosen keeps away from every route of the host', async (s) => {
  await inside(s.host.path, 'ip', 'route', 'add', '172.18.0.0/15', 'via', s.outside.address)
  await inside(s.host.path, 'ip', 'route', 'add', '172.20.7.0/24', 'via', s.outside.address, 'table', '77')
  await inside(s.host.path, 'ip', 'rule', 'add', 'fwmark', '9', 'table', '77')
  await s.network('clear')
  assert.equal(s.lab.networking.find('clear').ipam.configs[0]?.subnet, '172.21.0.0/16')
  await s.network('insists', { ipamConfigs: [{ subnet: '172.18.0.0/24' }] })
  const a = await s.container('a', ['insists'])
  assert.equal(await ping(a.path, '172.18.0.1'), true, 'who names a subnet gets it')
})

scene('an address range is where addresses are chosen from; static ones may be anywhere in the subnet', async (s) => {
  const ipamConfigs = [{ subnet: '10.83.0.0/24', ipRange: '10.83.0.64/30', gateway: '10.83.0.65' }]
  await s.network('narrow', { ipamConfigs })
  const first = await s.container('a', ['narrow'])
  const fixed = await s.container('b', [{ network: 'narrow', ipv4: '10.83.0.200' }])
  const within = await s.container('c', [{ network: 'narrow', ipv4: '10.83.0.66' }])
  const last = await s.container('d', ['narrow'])
  assert.deepEqual([first.address, last.address], ['10.83.0.64', '10.83.0.67'])
  assert.deepEqual([await ping(first.path, fixed.address), await ping(last.path, within.address)], [true, true])
  const { id } = s.lab.networking.find('narrow')
  await assert.rejects(s.container('e', ['narrow']), {
    kind: 'internal',
    message: `failed to set up container networking: no available IPv4 addresses on this network's address pools: narrow (${id})`,
  })
  const another = await s.container('e', [{ network: 'narrow', ipv4: '10.83.0.2' }])
  assert.equal(await ping(another.path, first.address), true)
  await s.lab.networking.closeSandbox(containerId('a'))
  assert.equal((await s.container('f', ['narrow'])).address, '10.83.0.64')
})
