import assert from 'node:assert/strict'
import { run } from '../support/finished.ts'
import { port } from '../support/network-lab.ts'
import { type Scene, scene } from '../support/network-scene.ts'
import { fetch, ping, serve } from '../support/network-traffic.ts'

const mode = 'com.docker.network.bridge.gateway_mode_ipv4'
const mode6 = 'com.docker.network.bridge.gateway_mode_ipv6'

/** The outside knows a way to the containers' own addresses. */
async function route(s: Scene): Promise<void> {
  await run('nsenter', [`--net=${s.outside.path}`, 'ip', 'route', 'add', '172.16.0.0/12', 'via', s.host.address])
}

scene('gateway mode nat-unprotected: NAT as ever, and every port is open to who has a route', async (s) => {
  await route(s)
  await s.network('open', { options: { [mode]: 'nat-unprotected' } })
  await s.network('other')
  const web = await s.container('web', ['open'], [port(8080, 80)])
  const stranger = await s.container('stranger', ['other'])
  await using _web = await serve(web.path, 80, 'web saw')
  await using _hidden = await serve(web.path, 81, 'hidden saw')
  await using _outside = await serve(s.outside.path, 7000, 'outside saw')
  assert.deepEqual(
    {
      published: await fetch(s.outside.path, s.host.address, 8080),
      direct: await fetch(s.outside.path, web.address, 80),
      'direct, not published': await fetch(s.outside.path, web.address, 81),
      'from another network': (await fetch(stranger.path, web.address, 81)).split(' ')[0],
      out: await fetch(web.path, s.outside.address, 7000),
    },
    {
      published: `web saw ${s.outside.address}`,
      direct: `web saw ${s.outside.address}`,
      'direct, not published': `hidden saw ${s.outside.address}`,
      'from another network': 'hidden',
      out: `outside saw ${s.host.address}`,
    },
  )
})

scene('gateway mode routed: no NAT, published ports of the container are open, and ping', async (s) => {
  await route(s)
  await s.network('routed', { options: { [mode]: 'routed' } })
  const web = await s.container('web', ['routed'], [port(8080, 80)])
  const id = web.view.sandbox.containerId
  await using _web = await serve(web.path, 80, 'web saw')
  await using _hidden = await serve(web.path, 81, 'hidden saw')
  await using _outside = await serve(s.outside.path, 7000, 'outside saw')
  assert.deepEqual(
    {
      ports: s.lab.networking.publishedPorts(id),
      'host port': await fetch(s.outside.path, s.host.address, 8080),
      'host port by IPv6 loopback': await fetch(s.host.path, '::1', 8080),
      direct: await fetch(s.outside.path, web.address, 80),
      'direct, not published': await fetch(s.outside.path, web.address, 81),
      ping: await ping(s.outside.path, web.address),
      out: await fetch(web.path, s.outside.address, 7000),
    },
    {
      ports: [{ protocol: 'tcp', containerPort: 80, hostAddress: '0.0.0.0', hostPort: 0 }],
      'host port': 'ECONNREFUSED',
      'host port by IPv6 loopback': 'ECONNREFUSED',
      direct: `web saw ${s.outside.address}`,
      'direct, not published': 'timeout',
      ping: true,
      out: `outside saw ${web.address}`,
    },
  )
  await s.lab.restart([id])
  assert.equal(await fetch(s.outside.path, web.address, 80), `web saw ${s.outside.address}`, 'after a restart')
  await s.lab.networking.closeSandbox(id)
  const next = await s.container('next', [{ network: 'routed', ipv4: web.address }])
  await using _next = await serve(next.path, 80, 'next saw')
  assert.equal(await fetch(s.outside.path, web.address, 80), 'timeout', 'closed with its container')
})

scene('gateway mode routed for IPv6 only: IPv4 is published as ever', async (s) => {
  await s.network('mixed', { enableIPv6: true, options: { [mode6]: 'routed' } })
  const web = await s.container('web', ['mixed'], [port(8080, 80)])
  const address = web.view.endpoints[0]!.ipv6!.split('/')[0]!
  await run('nsenter', [`--net=${s.host.path}`, 'ip', 'addr', 'add', '2001:db8::1/64', 'dev', 'eth0', 'nodad'])
  await run('nsenter', [`--net=${s.outside.path}`, 'ip', 'addr', 'add', '2001:db8::2/64', 'dev', 'eth0', 'nodad'])
  await run('nsenter', [`--net=${s.outside.path}`, 'ip', 'route', 'add', 'fd00::/8', 'via', '2001:db8::1'])
  await using _web = await serve(web.path, 80, 'web saw', { host: '::' })
  await using _hidden = await serve(web.path, 81, 'hidden saw', { host: '::' })
  assert.deepEqual(
    {
      ports: s.lab.networking.publishedPorts(web.view.sandbox.containerId).map((one) => one.hostPort),
      ipv4: await fetch(s.outside.path, s.host.address, 8080),
      ipv6: await fetch(s.outside.path, address, 80),
      'not published': await fetch(s.outside.path, address, 81),
      ping: await ping(s.outside.path, address),
    },
    {
      ports: [8080, 0],
      ipv4: `web saw ::ffff:${s.outside.address}`,
      ipv6: 'web saw 2001:db8::2',
      'not published': 'timeout',
      ping: true,
    },
  )
})

scene('gateway mode isolated: the host itself is out of reach', async (s) => {
  await s.network('cell', { internal: true, options: { [mode]: 'isolated' } })
  const a = await s.container('a', ['cell'])
  const b = await s.container('b', ['cell'])
  const [bridge] = (await s.lab.links()).filter((name) => name.startsWith('br-'))
  const { stdout } = await run('nsenter', [`--net=${s.host.path}`, 'ip', 'addr', 'show', bridge!])
  assert.doesNotMatch(stdout, /inet/)
  assert.deepEqual([await ping(a.path, b.address), await ping(s.host.path, a.address)], [true, false])
})

scene('containers go out under the address that their network names', async (s) => {
  await run('nsenter', [`--net=${s.host.path}`, 'ip', 'addr', 'add', '192.0.2.77/32', 'dev', 'lo'])
  await run('nsenter', [`--net=${s.outside.path}`, 'ip', 'route', 'add', '192.0.2.77', 'via', s.host.address])
  await route(s)
  await s.network('named', { options: { 'com.docker.network.host_ipv4': '192.0.2.77' } })
  const a = await s.container('a', ['named'])
  await using _outside = await serve(s.outside.path, 7000, 'outside saw')
  await using _a = await serve(a.path, 80, 'a')
  assert.equal(await fetch(a.path, s.outside.address, 7000), 'outside saw 192.0.2.77')
  assert.equal(await fetch(s.outside.path, a.address, 80), 'timeout')
})

scene('neighbours on a trusted interface reach published ports at the container’s own address', async (s) => {
  await route(s)
  await s.network('trusting', { options: { 'com.docker.network.bridge.trusted_host_interfaces': 'eth7:eth0' } })
  await s.network('wary', { options: { 'com.docker.network.bridge.trusted_host_interfaces': 'eth7' } })
  const web = await s.container('web', ['trusting'], [port(8080, 80)])
  const shy = await s.container('shy', ['wary'], [port(8081, 80)])
  await using _web = await serve(web.path, 80, 'web saw')
  await using _hidden = await serve(web.path, 81, 'hidden')
  await using _shy = await serve(shy.path, 80, 'shy')
  assert.deepEqual(
    [
      await fetch(s.outside.path, web.address, 80),
      await fetch(s.outside.path, web.address, 81),
      await fetch(s.outside.path, shy.address, 80),
      await fetch(s.outside.path, s.host.address, 8080),
    ],
    [`web saw ${s.outside.address}`, 'timeout', 'timeout', `web saw ${s.outside.address}`],
  )
})

scene('inhibit_ipv4: the bridge has no IPv4 address, and another gateway does its work', async (s) => {
  await s.network('bare', { options: { 'com.docker.network.bridge.inhibit_ipv4': 'true' } })
  const a = await s.container('a', ['bare'])
  const [bridge] = (await s.lab.links()).filter((name) => name.startsWith('br-'))
  const { stdout } = await run('nsenter', [`--net=${s.host.path}`, 'ip', '-4', 'addr', 'show', bridge!])
  assert.doesNotMatch(stdout, /inet/)
  assert.equal(a.view.endpoints[0]!.gateway, '172.18.0.1')
})
