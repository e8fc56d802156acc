import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { listLinks } from '../../src/kernel/netlink/links.ts'
import { eventually } from '../support/eventually.ts'
import { kernelTest } from '../support/kernel.ts'
import { lanContainer, lanRequest, openMacvlanLab } from '../support/macvlan-lab.ts'
import { networkRequest } from '../support/network-lab.ts'
import { fetch, ping, serve } from '../support/network-traffic.ts'
import { runIn } from '../support/shell.ts'

const subnet = (text: string, more = {}) => [{ subnet: text, ...more }]

kernelTest(
  'macvlan: containers of two hosts and a plain host are neighbours on one LAN, each with its own MAC',
  async () => {
    await using lan = await openMacvlanLab(2)
    const { labs, plain, addresses } = lan
    await labs[0]!.networking.create(lanRequest('lan'))
    await labs[1]!.networking.create(
      lanRequest('lan', {}, { ipamConfigs: subnet('192.0.2.0/24', { ipRange: '192.0.2.128/26' }) }),
    )
    const a = await lanContainer(labs[0]!, 'a', ['lan'])
    const b = await lanContainer(labs[0]!, 'b', ['lan'])
    const c = await lanContainer(labs[1]!, 'c', ['lan'])
    assert.deepEqual(
      [a, b, c].map(({ address }) => address),
      ['192.0.2.64', '192.0.2.65', '192.0.2.128'],
    )
    for (const [from, to] of [
      [a.path, b.address],
      [a.path, c.address],
      [c.path, a.address],
      [a.path, addresses[2]!],
      [plain.namespace.path, a.address],
      [plain.namespace.path, c.address],
      [a.path, addresses[1]!], // the other host itself is an ordinary neighbour
    ] as const)
      assert.equal(await ping(from, to), true, `${from} reaches ${to}`)
    const neighbours: { dst: string; lladdr: string }[] = JSON.parse(runIn(plain.namespace, 'ip', '-j', 'neigh'))
    const macOf = (address: string) => neighbours.find(({ dst }) => dst === address)?.lladdr
    assert.deepEqual([macOf(a.address), macOf(c.address)], [a.mac, c.mac])
    assert.equal(new Set([a.mac, b.mac, c.mac]).size, 3)
    assert.equal(a.mac, '02:42:c0:00:02:40')
  },
)

kernelTest('macvlan: the parent’s host reaches its containers with host_access, and not without', async () => {
  await using lan = await openMacvlanLab(2)
  const { labs, hosts, plain, addresses } = lan
  const [lab] = labs
  const host = hosts[0]!.namespace
  await lab!.networking.create(lanRequest('lan'))
  const without = await lanContainer(lab!, 'without', ['lan'])
  assert.equal(await ping(host.path, without.address), false)
  assert.equal(await ping(without.path, addresses[0]!), false)
  await lab!.networking.closeSandbox(lab!.wish('without', []).containerId)
  await lab!.networking.remove('lan')

  await lab!.networking.create(lanRequest('lan', { host_access: 'true' }))
  const [config] = lab!.networking.find('lan').ipam.configs
  assert.deepEqual(config?.auxAddresses, { host_access: '192.0.2.64' })
  const before = runIn(host, 'ip', 'route')
  const a = await lanContainer(lab!, 'a', ['lan'])
  const b = await lanContainer(lab!, 'b', ['lan'])
  await using _server = await serve(a.path, 80, 'a saw')
  assert.equal(await fetch(host.path, a.address, 80), 'a saw 192.0.2.64')
  for (const address of ['192.0.2.64', addresses[0]!]) assert.equal(await ping(a.path, address), true, address)
  assert.equal(await ping(a.path, b.address), true)
  assert.equal(await ping(plain.namespace.path, b.address), true)
  assert.match(runIn(host, 'ip', 'route', 'get', addresses[1]!), /dev eth0/, 'the way to the LAN is as it was')
  assert.match(
    runIn(host, 'ip', 'route'),
    new RegExp(`^${a.address} dev mv-[0-9a-f]{12} scope link src 192.0.2.64`, 'm'),
  )

  for (const name of ['a', 'b']) await lab!.networking.closeSandbox(lab!.wish(name, []).containerId)
  assert.equal(runIn(host, 'ip', 'route'), before, 'routes go with the containers')
  await lab!.networking.remove('lan')
  assert.deepEqual((await lab!.links()).sort(), ['docker0', 'eth0'])
})

kernelTest('macvlan: host_access does not speak for the host on the LAN', async () => {
  await using lan = await openMacvlanLab(1)
  const [lab] = lan.labs
  const [host, plain] = [lan.hosts[0]!.namespace, lan.plain.namespace]
  await lab!.networking.create(lanRequest('lan', { host_access: 'true' }))
  const a = await lanContainer(lab!, 'a', ['lan'])
  const macOf = (name: string): string => JSON.parse(runIn(host, 'ip', '-j', 'link', 'show', name))[0].address
  const own = macOf(`mv-${lab!.networking.find('lan').id.slice(0, 12)}`)
  const words = ['tcpdump', '-i', 'eth0', '-n', '-l', '--immediate-mode', 'arp']
  const child = spawn('nsenter', [`--net=${plain.path}`, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stdout.on('data', (data) => (said += data))
  await once(child.stderr, 'data')
  for (const [from, to] of [
    [plain.path, lan.addresses[0]!],
    [plain.path, '192.0.2.64'], // the LAN reaches its address, too
    [a.path, lan.addresses[0]!],
    [a.path, '192.0.2.64'],
    [plain.path, a.address],
  ] as const)
    assert.equal(await ping(from, to), true, `${from} reaches ${to}`)
  const expected = [
    `Reply ${lan.addresses[0]} is-at ${macOf('eth0')}`,
    `Reply 192.0.2.64 is-at ${macOf('eth0')}`,
    `Reply ${a.address} is-at ${a.mac}`,
  ]
  await eventually(async () => expected.every((line) => said.includes(line)), true) // tcpdump is behind
  child.kill('SIGTERM')
  await once(child, 'close')
  const answers = new Set(said.match(/Reply \S+ is-at [0-9a-f:]+/g))
  assert.deepEqual([...answers].filter((one) => !one.startsWith(`Reply ${lan.addresses[1]} `)).sort(), expected.sort())
  const neighbours: { dst: string; lladdr: string }[] = JSON.parse(runIn(plain, 'ip', '-j', 'neigh'))
  assert.equal(neighbours.find(({ dst }) => dst === lan.addresses[0])?.lladdr, macOf('eth0'))
  assert.equal(own, '02:42:c0:00:02:40')
})

kernelTest(
  'macvlan: several networks share a parent, names resolve, and connect and disconnect while running',
  async () => {
    await using lan = await openMacvlanLab(1)
    const [lab] = lan.labs
    await lab!.networking.create(lanRequest('lan', {}, { enableIPv6: true }))
    await lab!.networking.create(lanRequest('other', {}, { ipamConfigs: subnet('198.51.100.0/24') }))
    await lab!.networking.create(networkRequest('bridged'))
    const a = await lanContainer(lab!, 'a', ['lan'])
    const b = await lanContainer(lab!, 'b', ['lan', 'other'])
    const asked = a.sh('dig', '+short', '+timeout=2', '@127.0.0.11', 'b')
    assert.equal(asked.trim(), b.address)
    const six = JSON.parse(b.sh('ip', '-j', '-6', 'addr', 'show', 'dev', 'eth0', 'scope', 'global'))[0].addr_info[0]
      .local
    assert.equal(await ping(a.path, six), true)
    const { containerId } = lab!.wish('a', [])
    await lab!.networking.connect(containerId, { ...attach, network: 'other' })
    assert.equal(await ping(a.path, '198.51.100.1'), true)
    await lab!.networking.disconnect(containerId, 'lan')
    assert.deepEqual(
      JSON.parse(a.sh('ip', '-j', 'link')).map(({ ifname }: { ifname: string }) => ifname),
      ['lo', 'eth1'],
    )
    assert.equal(await ping(a.path, '198.51.100.1'), true)
    await lab!.networking.connect(containerId, { ...attach, network: 'bridged' })
    assert.match(a.sh('ip', 'route'), /^default via 172/m, 'a macvlan network without a gateway leads nowhere')
  },
)

const attach = { aliases: [], links: [], driverOptions: {}, gatewayPriority: 0 }

kernelTest('macvlan: a gateway is the way out where the user names one, and only there', async () => {
  await using lan = await openMacvlanLab(1)
  const [lab] = lan.labs
  await lab!.networking.create(lanRequest('without', {}, { ipamConfigs: subnet('198.51.100.0/24') }))
  const gateway = lan.addresses[1]!
  const named = subnet('192.0.2.0/24', { ipRange: '192.0.2.64/26', gateway })
  const second = subnet('10.9.0.0/24', { gateway: '10.9.0.1' })
  await lab!.networking.create(lanRequest('with', {}, { ipamConfigs: [...named, ...second] }))
  const without = await lanContainer(lab!, 'a', ['without'])
  const withOne = await lanContainer(lab!, 'b', ['with'])
  assert.doesNotMatch(without.sh('ip', 'route'), /default/)
  assert.match(withOne.sh('ip', 'route'), new RegExp(`^default via ${gateway} dev eth0`, 'm'))
  const inSecond = await lanContainer(lab!, 'c', [{ network: 'with', ipv4: '10.9.0.7' }])
  assert.match(inSecond.sh('ip', 'route'), /^default via 10\.9\.0\.1 dev eth0/m, 'each subnet has its own')
  const far = '203.0.113.7'
  runIn(lan.plain.namespace, 'ip', 'addr', 'add', `${far}/32`, 'dev', 'lo')
  assert.equal(await ping(withOne.path, far), true)
  assert.equal(
    lab!.events.some(({ action }) => action === 'shadowed'),
    false,
    'its own LAN hides no network',
  )
})

for (const [mode, reached] of [
  ['bridge', true],
  ['private', false],
  ['vepa', false], // until a switch sends frames back, which the bridge of the test does not
] as const)
  kernelTest(`macvlan: in mode ${mode} containers of one host reach the LAN, and each other: ${reached}`, async () => {
    await using lan = await openMacvlanLab(1)
    const [lab] = lan.labs
    await lab!.networking.create(lanRequest('lan', { macvlan_mode: mode }))
    const a = await lanContainer(lab!, 'a', ['lan'])
    const b = await lanContainer(lab!, 'b', ['lan'])
    assert.equal(await ping(a.path, lan.addresses[1]!), true)
    assert.equal(await ping(a.path, b.address), reached)
    const [{ linkinfo }] = JSON.parse(a.sh('ip', '-j', '-d', 'link', 'show', 'eth0'))
    assert.equal(linkinfo.info_data.mode, mode)
  })

kernelTest('macvlan: in mode passthru one container has the parent to itself, and gives it back', async () => {
  await using lan = await openMacvlanLab(1)
  const [lab] = lan.labs
  const macOfParent = () => JSON.parse(runIn(lan.hosts[0]!.namespace, 'ip', '-j', 'link', 'show', 'eth0'))[0].address
  const before = macOfParent()
  await lab!.networking.create(lanRequest('lan', { macvlan_mode: 'passthru' }))
  const a = await lanContainer(lab!, 'a', ['lan'])
  assert.equal(await ping(a.path, lan.addresses[1]!), true)
  assert.deepEqual([a.mac, macOfParent()], ['02:42:c0:00:02:40', a.mac])
  await assert.rejects(lanContainer(lab!, 'b', ['lan']), {
    kind: 'conflict',
    message: /failed to create the macvlan port: .*one container has "eth0" to itself/,
  })
  // Again at once: the kernel is still taking the old namespace apart.
  await lab!.networking.closeSandbox(lab!.wish('a', []).containerId)
  const again = await lanContainer(lab!, 'a', ['lan'])
  assert.equal(await ping(again.path, lan.addresses[1]!), true)
  await lab!.networking.closeSandbox(lab!.wish('a', []).containerId)
  while (macOfParent() !== before) await new Promise((resolve) => setTimeout(resolve, 10))
})

kernelTest('macvlan: without a parent the network leads nowhere, and its containers reach each other', async () => {
  await using lan = await openMacvlanLab(1)
  const [lab] = lan.labs
  await lab!.networking.create(networkRequest('island', { driver: 'macvlan' }))
  const { id } = lab!.networking.find('island')
  const a = await lanContainer(lab!, 'a', ['island'])
  const b = await lanContainer(lab!, 'b', ['island'])
  assert.equal(await ping(a.path, b.address), true)
  assert.doesNotMatch(a.sh('ip', 'route'), /default/)
  const [link] = JSON.parse(runIn(lan.hosts[0]!.namespace, 'ip', '-j', 'link', 'show', `dm-${id.slice(0, 12)}`))
  assert.equal(link.ifalias, 'wharf parent')
  for (const name of ['a', 'b']) await lab!.networking.closeSandbox(lab!.wish(name, []).containerId)
  await lab!.networking.remove('island')
  assert.deepEqual(
    (await lab!.links()).filter((name) => name.startsWith('dm-')),
    [],
  )
})

kernelTest('macvlan: a container that is started again at once has its address and its MAC again', async () => {
  await using lan = await openMacvlanLab(1)
  const [lab] = lan.labs
  await lab!.networking.create(lanRequest('lan'))
  for (let round = 0; round < 5; round++) {
    const a = await lanContainer(lab!, 'a', [{ network: 'lan', ipv4: '192.0.2.77' }])
    assert.equal(await ping(a.path, lan.addresses[1]!), true)
    await lab!.networking.closeSandbox(lab!.wish('a', []).containerId)
  }
  assert.deepEqual(
    listLinks(lan.hosts[0]!.netlink).filter(({ kind }) => kind === 'macvlan'),
    [],
  )
})
