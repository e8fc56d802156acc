import assert from 'node:assert/strict'
import type { SandboxView } from '../../src/network/networking.ts'
import { run } from '../support/finished.ts'
import { port } from '../support/network-lab.ts'
import { type Inhabited, type Scene, scene } from '../support/network-scene.ts'
import { fetch, ping, serve } from '../support/network-traffic.ts'

scene(
  'containers of one network reach each other and the host; those of two do not',
  async ({ network, container, host }) => {
    await network('one')
    await network('two')
    const a = await container('a', ['one'])
    const b = await container('b', ['one'])
    const c = await container('c', ['two'])
    const d = await container('d', ['bridge'])
    const reach = async (from: Inhabited, to: Inhabited) => [
      await ping(from.path, to.address),
      await ping(to.path, from.address),
    ]
    assert.deepEqual(
      {
        'same network': await reach(a, b),
        'two networks': await reach(a, c),
        'user network and default': await reach(c, d),
        'host to container': await ping(host.path, a.address),
        'container to gateway': await ping(a.path, a.view.endpoints[0]!.gateway!),
      },
      {
        'same network': [true, true],
        'two networks': [false, false],
        'user network and default': [false, false],
        'host to container': true,
        'container to gateway': true,
      },
    )
  },
)

scene('containers go out under the address of the host, unless their network says otherwise', async (s) => {
  await s.network('plain')
  await s.network('bare', { options: { 'com.docker.network.bridge.enable_ip_masquerade': 'false' } })
  const a = await s.container('a', ['plain'])
  const b = await s.container('b', ['bare'])
  await run('nsenter', [`--net=${s.outside.path}`, 'ip', 'route', 'add', '172.16.0.0/12', 'via', s.host.address])
  await using _server = await serve(s.outside.path, 7000, 'outside saw')
  assert.equal(await fetch(a.path, s.outside.address, 7000), `outside saw ${s.host.address}`)
  assert.equal(await fetch(b.path, s.outside.address, 7000), `outside saw ${b.address}`)
})

async function publishedPort(s: Scene): Promise<void> {
  await s.network('one')
  await s.network('two')
  const web = await s.container('web', ['one'], [port(8080, 80)])
  const neighbour = await s.container('neighbour', ['one'])
  const stranger = await s.container('stranger', ['two'])
  await run('nsenter', [`--net=${s.outside.path}`, 'ip', 'route', 'add', '172.16.0.0/12', 'via', s.host.address])
  await using _server = await serve(web.path, 80, 'web saw')
  const gateway = web.view.endpoints[0]!.gateway!
  assert.deepEqual(
    {
      outside: await fetch(s.outside.path, s.host.address, 8080),
      'host by its address': await fetch(s.host.path, s.host.address, 8080),
      'host by loopback': await fetch(s.host.path, '127.0.0.1', 8080),
      'host by loopback of IPv6': await fetch(s.host.path, '::1', 8080),
      'another network': (await fetch(stranger.path, s.host.address, 8080)).split(' ', 2).join(' '),
      'own network, hairpin': await fetch(neighbour.path, s.host.address, 8080),
      'itself, hairpin': await fetch(web.path, s.host.address, 8080),
      'own network, by the gateway': await fetch(neighbour.path, gateway, 8080),
      'own network, direct': await fetch(neighbour.path, web.address, 80),
      'outside, direct': await fetch(s.outside.path, web.address, 80),
      'another network, direct': await fetch(stranger.path, web.address, 80),
      'host, direct': await fetch(s.host.path, web.address, 80),
    },
    {
      outside: `web saw ${s.outside.address}`,
      'host by its address': `web saw ${s.host.address}`,
      'host by loopback': `web saw ${gateway}`,
      'host by loopback of IPv6': `web saw ${gateway}`,
      'another network': 'web saw',
      'own network, hairpin': `web saw ${gateway}`,
      'itself, hairpin': `web saw ${gateway}`,
      'own network, by the gateway': `web saw ${gateway}`,
      'own network, direct': `web saw ${neighbour.address}`,
      'outside, direct': 'timeout',
      'another network, direct': 'timeout',
      'host, direct': `web saw ${gateway}`,
    },
  )
  await s.lab.networking.closeSandbox(web.view.sandbox.containerId)
  assert.equal(await fetch(s.host.path, '127.0.0.1', 8080), 'ECONNREFUSED')
}

for (const filter of ['0', '1']) {
  const bridged = filter === '1' ? 'with' : 'without'
  scene(
    `a published port is reached from everywhere, the container itself is not: ${bridged} br_netfilter`,
    async (s) => {
      await run('nsenter', [`--net=${s.host.path}`, 'sysctl', '-qw', `net.bridge.bridge-nf-call-iptables=${filter}`])
      await publishedPort(s)
    },
  )
}

scene('a port published on one address of the host is reached there only', async (s) => {
  const web = await s.container(
    'web',
    ['bridge'],
    [port(8080, 80, { hostAddress: '127.0.0.1' }), port(8081, 80, { hostAddress: s.host.address })],
  )
  await using _server = await serve(web.path, 80, 'web')
  const first = async (...words: Parameters<typeof fetch>) => (await fetch(...words)).split(' ')[0]
  assert.deepEqual(
    {
      'loopback from the host': await first(s.host.path, '127.0.0.1', 8080),
      'loopback from outside': await first(s.outside.path, s.host.address, 8080),
      'address from outside': await first(s.outside.path, s.host.address, 8081),
      'address from the host by loopback': await first(s.host.path, '127.0.0.1', 8081),
      'loopback of the host from a container': await first(web.path, '172.17.0.1', 8080),
    },
    {
      'loopback from the host': 'web',
      'loopback from outside': 'ECONNREFUSED',
      'address from outside': 'web',
      'address from the host by loopback': 'ECONNREFUSED',
      'loopback of the host from a container': 'ECONNREFUSED',
    },
  )
})

scene('a published UDP port is reached at once, also by a client that had asked before', async (s) => {
  const before = await fetch(s.outside.path, s.host.address, 5300, 'udp')
  const name = await s.container('name', ['bridge'], [port(5300, 53, { protocol: 'udp' })])
  await using _server = await serve(name.path, 53, 'name saw', { protocol: 'udp' })
  assert.deepEqual(
    {
      before,
      outside: await fetch(s.outside.path, s.host.address, 5300, 'udp'),
      'host by loopback': await fetch(s.host.path, '127.0.0.1', 5300, 'udp'),
    },
    { before: 'timeout', outside: `name saw ${s.outside.address}`, 'host by loopback': 'name saw 172.17.0.1' },
  )
})

scene(
  'with the userland proxy a published port is reached from everywhere too',
  async (s) => {
    const web = await s.container('web', ['bridge'], [port(8080, 80)])
    await using _server = await serve(web.path, 80, 'web saw')
    assert.equal(await fetch(s.host.path, '127.0.0.1', 8080), 'web saw 172.17.0.1')
    assert.equal(await fetch(s.outside.path, s.host.address, 8080), `web saw ${s.outside.address}`)
    assert.equal(await fetch(web.path, s.host.address, 8080), 'web saw 172.17.0.1')
  },
  { config: { userlandProxy: true } },
)

scene(
  'an internal network has no way out and no way in, but its containers reach each other and the host',
  async (s) => {
    await s.network('inner', { internal: true })
    const a = await s.container('a', ['inner'], [port(8080, 80)])
    const b = await s.container('b', ['inner'])
    await using _server = await serve(a.path, 80, 'a saw')
    await run('nsenter', [`--net=${s.outside.path}`, 'ip', 'route', 'add', '172.16.0.0/12', 'via', s.host.address])
    await run('nsenter', [`--net=${a.path}`, 'ip', 'route', 'add', 'default', 'via', '172.18.0.1'])
    assert.deepEqual(
      {
        published: s.lab.networking.publishedPorts(a.view.sandbox.containerId),
        'each other': await ping(a.path, b.address),
        'host to container': await fetch(s.host.path, a.address, 80),
        'container to host': await ping(b.path, '172.18.0.1'),
        'out, by a route of its own making': await ping(a.path, s.outside.address),
        'in, direct': await fetch(s.outside.path, a.address, 80),
      },
      {
        published: [],
        'each other': true,
        'host to container': 'a saw 172.18.0.1',
        'container to host': true,
        'out, by a route of its own making': false,
        'in, direct': 'timeout',
      },
    )
  },
)

scene('without inter-container communication containers of one network reach the host, not each other', async (s) => {
  await s.network('apart', { options: { 'com.docker.network.bridge.enable_icc': 'false' } })
  const a = await s.container('a', ['apart'], [port(8080, 80)])
  const b = await s.container('b', ['apart'])
  await using _server = await serve(a.path, 80, 'a')
  assert.deepEqual(
    [
      await ping(b.path, a.address),
      await ping(b.path, '172.18.0.1'),
      (await fetch(s.outside.path, s.host.address, 8080)).split(' ')[0],
    ],
    [false, true, 'a'],
  )
})

scene('a container cannot reach or pretend to be the loopback of the host', async (s) => {
  await using _server = await serve(s.host.path, 7000, 'secret', { host: '127.0.0.1' })
  const a = await s.container('a', ['bridge'])
  const inside = (...words: string[]) => run('nsenter', [`--net=${a.path}`, ...words])
  await inside('ip', 'route', 'del', 'local', '127.0.0.0/8', 'dev', 'lo', 'table', 'local')
  await inside('ip', 'route', 'del', 'local', '127.0.0.1', 'dev', 'lo', 'table', 'local')
  await inside('ip', 'addr', 'del', '127.0.0.1/8', 'dev', 'lo')
  await inside('sysctl', '-qw', 'net.ipv4.conf.eth0.route_localnet=1')
  await inside('ip', 'route', 'add', '127.0.0.1', 'via', '172.17.0.1')
  assert.notEqual(await fetch(a.path, '127.0.0.1', 7000), 'secret')
})

scene('a network with IPv6 too reaches and is reached by both', async (s) => {
  await s.network('dual', { enableIPv6: true })
  const web = await s.container('web', ['dual'], [port(8080, 80)])
  const other = await s.container('other', ['dual'])
  const bare = (view: SandboxView) => view.endpoints[0]!.ipv6!.split('/')[0]!
  for (const [place, address] of [
    [s.host.path, '2001:db8::1/64'],
    [s.outside.path, '2001:db8::2/64'],
  ] as const) {
    await run('nsenter', [`--net=${place}`, 'ip', 'addr', 'add', address, 'dev', 'eth0', 'nodad'])
  }
  await using _server = await serve(web.path, 80, 'web saw', { host: '::' })
  await using _outside = await serve(s.outside.path, 7000, 'outside saw', { host: '::' })
  const gateway = web.view.endpoints[0]!.gateway6!
  assert.deepEqual(
    {
      neighbour: await fetch(other.path, bare(web.view), 80),
      outside: await fetch(s.outside.path, '2001:db8::1', 8080),
      'outside by IPv4': await fetch(s.outside.path, s.host.address, 8080),
      'host by loopback': await fetch(s.host.path, '::1', 8080),
      hairpin: await fetch(other.path, '2001:db8::1', 8080),
      masquerade: await fetch(other.path, '2001:db8::2', 7000),
    },
    {
      neighbour: `web saw ${bare(other.view)}`,
      outside: 'web saw 2001:db8::2',
      'outside by IPv4': `web saw ::ffff:${s.outside.address}`,
      'host by loopback': `web saw ${gateway}`,
      hairpin: `web saw ${gateway}`,
      masquerade: 'outside saw 2001:db8::1',
    },
  )
})
