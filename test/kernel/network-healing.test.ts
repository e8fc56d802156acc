import assert from 'node:assert/strict'
import { type Log, silentLog } from '../../src/base/log.ts'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { findLink, setLink } from '../../src/kernel/netlink/links.ts'
import { vethName } from '../../src/network/cables/link-marks.ts'
import type { SandboxView } from '../../src/network/networking.ts'
import { kernelTest } from '../support/kernel.ts'
import { attachment, type NetworkLab, networkRequest, openNetworkLab, port } from '../support/network-lab.ts'
import { fetch, ping, serve } from '../support/network-traffic.ts'
import { runIn } from '../support/shell.ts'

interface Inhabited {
  readonly view: SandboxView
  readonly path: string
  readonly address: string
  readonly cable: string
}

async function container(
  lab: NetworkLab,
  name: string,
  ...rest: [networks: string[], ports?: ReturnType<typeof port>[]]
) {
  const view = await lab.networking.openSandbox(lab.wish(name, ...rest))
  const [endpoint] = view.endpoints
  return {
    view,
    path: view.sandbox.path,
    address: endpoint?.ipv4?.split('/')[0] ?? '',
    cable: vethName(endpoint?.id ?? ''),
  } satisfies Inhabited
}

/** Does what damages, and waits until something was lost that `lost` says. @returns the words of all events since */
async function damage(
  lab: NetworkLab,
  lost: RegExp,
  ...command: [program: string, ...args: string[]]
): Promise<string[]> {
  lab.events.length = 0
  runIn(lab.host, ...command)
  await lab.heard(({ action, attributes }) => action === 'heal' && lost.test(attributes?.['lost'] ?? ''))
  await lab.networking.settled()
  return heals(lab)
}

function heals({ events }: NetworkLab): string[] {
  return events
    .filter(({ action }) => action === 'heal')
    .map(({ network, attributes }) => `${network.name}: ${attributes?.['lost']}`)
    .sort()
}

/** What a container sees of its network. */
function inside({ path }: Inhabited): string {
  using namespace = NetworkNamespace.at(path)
  const addresses = runIn(namespace, 'ip', '-br', 'address')
  const links = JSON.parse(runIn(namespace, 'ip', '-j', 'link')) as { ifname: string; address: string }[]
  const macs = links.map(({ ifname, address }) => `${ifname} ${address}`)
  // The kernel tells in its own time that the other end of a cable is there.
  const settled = addresses.replaceAll(/\b(UNKNOWN|LOWERLAYERDOWN)\b/g, 'UP')
  return [settled.replaceAll(/@if\d+|\s+(?=\n)| +/g, ' '), ...macs, runIn(namespace, 'ip', 'route')].join('\n')
}

for (const [what, lost, ...command] of [
  ['the flushed rules of the whole host', 'table inet wharf', 'flush', 'ruleset'],
  ['the deleted table', 'table inet wharf', 'delete', 'table', 'inet', 'wharf'],
  ['a flushed chain', 'chain nat-output of table inet wharf', 'flush', 'chain', 'inet', 'wharf', 'nat-output'],
  ['a table that was put to sleep', 'table wharf of table inet wharf', 'add table inet wharf { flags dormant; }'],
] as const) {
  kernelTest(`a published port works again after ${what}`, async ({ namespace }) => {
    await using lab = await openNetworkLab(namespace)
    const web = await container(lab, 'web', ['bridge'], [port(8080, 80)])
    await using _server = await serve(web.path, 80, 'web saw')
    const before = runIn(namespace, 'nft', '-s', 'list', 'table', 'inet', 'wharf')
    assert.match(await fetch(namespace.path, '127.0.0.1', 8080), /web saw/)
    assert.deepEqual(await damage(lab, /table inet wharf/, 'nft', ...command), [`bridge: ${lost}`])
    assert.match(await fetch(namespace.path, '127.0.0.1', 8080), /web saw/)
    assert.equal(runIn(namespace, 'nft', '-s', 'list', 'table', 'inet', 'wharf'), before)
  })
}

kernelTest('a lost or added element is put right, and told to the network that it is of', async ({ namespace }) => {
  await using lab = await openNetworkLab(namespace)
  await lab.networking.create(networkRequest('one', { enableIPv6: true }))
  await container(lab, 'web', ['one'], [port(8080, 80), port(8081, 81, { protocol: 'udp' })])
  const list = () =>
    runIn(namespace, 'nft', 'list', 'table', 'inet', 'wharf')
      .split('\n')
      .map((line) => line.trim())
      .sort()
  const before = list()
  const element = (verb: string, text: string) =>
    ['nft', verb, 'element', 'inet', 'wharf', text] as [string, ...string[]]
  assert.deepEqual(await damage(lab, /8080/, ...element('delete', 'published4_any { tcp . 8080 }')), [
    'one: element tcp . 8080 of published4_any',
  ])
  assert.deepEqual(list(), before)
  assert.deepEqual(await damage(lab, /docker0/, ...element('delete', 'bridges { "docker0" }')), [
    'bridge: element docker0 of bridges',
  ])
  assert.deepEqual(list(), before)
  lab.events.length = 0
  runIn(namespace, ...element('add', 'internal { "docker0" }'))
  assert.deepEqual(await damage(lab, /8081/, ...element('delete', 'published6_any { udp . 8081 }')), [
    'one: element udp . 8081 of published6_any',
  ])
  assert.deepEqual(list(), before)
})

kernelTest('what the administrator and others have is left alone', async ({ namespace }) => {
  await using lab = await openNetworkLab(namespace)
  runIn(namespace, 'nft', 'add table ip theirs; add chain ip theirs input { type filter hook input priority 0; }')
  runIn(namespace, 'nft', 'add rule inet wharf wharf-user counter comment "mine"')
  runIn(namespace, 'ip', 'link', 'add', 'theirs', 'type', 'bridge')
  runIn(namespace, 'ip', 'address', 'add', '10.9.0.1/24', 'dev', 'theirs')
  await container(lab, 'a', ['bridge'])
  const others = () => [
    runIn(namespace, 'nft', '-a', 'list', 'table', 'ip', 'theirs'),
    runIn(namespace, 'nft', 'list', 'chain', 'inet', 'wharf', 'wharf-user'),
    runIn(namespace, 'ip', '-br', 'address', 'show', 'dev', 'theirs'),
  ]
  const before = others()
  await damage(lab, /chain/, 'nft', 'flush', 'chain', 'inet', 'wharf', 'filter-forward')
  await damage(lab, /table/, 'nft', 'add table inet wharf { flags dormant; }')
  await damage(lab, /docker0/, 'ip', 'link', 'delete', 'docker0')
  assert.deepEqual(others(), before)
  runIn(namespace, 'nft', 'flush chain ip theirs input; delete table ip theirs')
  runIn(namespace, 'ip', 'link', 'delete', 'theirs')
  await damage(lab, /docker0/, 'ip', 'link', 'set', 'docker0', 'down')
  assert.equal(runIn(namespace, 'ip', '-br', 'link').includes('theirs'), false)
  assert.equal(runIn(namespace, 'nft', 'list', 'tables'), 'table inet wharf\n')
})

kernelTest('a deleted bridge comes back, with everybody on it', async ({ namespace }) => {
  await using lab = await openNetworkLab(namespace)
  await lab.networking.create(networkRequest('one', { enableIPv6: true }))
  const a = await container(lab, 'a', ['one'])
  const b = await container(lab, 'b', ['one'])
  const bridge = `br-${lab.networking.find('one').id.slice(0, 12)}`
  const seen = [inside(a), inside(b)]
  const words = await damage(lab, /^bridge/, 'ip', 'link', 'delete', bridge)
  assert.deepEqual(words, [
    `one: bridge ${bridge}, place of ${a.cable} of container a, place of ${b.cable} of container b`,
  ])
  assert.ok(await ping(a.path, b.address))
  assert.ok(await ping(b.path, a.view.endpoints[0]!.gateway!))
  assert.ok(await ping(namespace.path, a.address))
  assert.deepEqual([inside(a), inside(b)], seen)
})

kernelTest('a bridge that is set down, or loses its address or our mark, is put right', async ({ namespace }) => {
  await using lab = await openNetworkLab(namespace)
  await lab.networking.create(networkRequest('one', { enableIPv6: true }))
  const a = await container(lab, 'a', ['one'])
  const bridge = `br-${lab.networking.find('one').id.slice(0, 12)}`
  const { gateway, gateway6 } = a.view.endpoints[0]!
  for (const command of [
    ['link', 'set', bridge, 'down'],
    ['address', 'flush', 'dev', bridge, 'scope', 'global'],
    ['link', 'set', bridge, 'alias', 'mine now'],
  ] as const) {
    const words = await damage(lab, /settings/, 'ip', ...command)
    assert.deepEqual([...new Set(words)], [`one: settings of bridge ${bridge}`])
    assert.match(runIn(namespace, 'ip', '-j', 'link', 'show', bridge), /"ifalias":"wharf network /)
    assert.ok(await ping(a.path, gateway!))
    assert.ok(await ping(a.path, gateway6!))
    assert.ok(await ping(namespace.path, a.address))
  }
})

kernelTest(
  'a deleted cable is plugged in again, with name, address, hardware address and way out',
  async ({ namespace }) => {
    await using lab = await openNetworkLab(namespace)
    await lab.networking.create(networkRequest('one', { enableIPv6: true }))
    await lab.networking.create(
      networkRequest('apart', { options: { 'com.docker.network.bridge.enable_icc': 'false' } }),
    )
    const a = await container(lab, 'a', ['one'])
    const b = await container(lab, 'b', ['one', 'apart'])
    const c = await container(lab, 'c', ['apart'])
    const seen = inside(a)
    assert.deepEqual(await damage(lab, /veth/, 'ip', 'link', 'delete', a.cable), [`one: ${a.cable} of container a`])
    assert.equal(inside(a), seen)
    assert.ok(await ping(b.path, a.address))
    assert.deepEqual(await damage(lab, /veth/, 'ip', 'link', 'set', c.cable, 'nomaster'), [
      `apart: place of ${c.cable} of container c`,
    ])
    const [port] = JSON.parse(runIn(namespace, 'ip', '-j', '-d', 'link', 'show', c.cable))
    assert.equal(port.linkinfo.info_slave_data.isolated, true)
    assert.ok(await ping(c.path, c.view.endpoints[0]!.gateway!))
  },
)

kernelTest('nothing that is done on purpose is taken for damage', async ({ namespace }) => {
  await using lab = await openNetworkLab(namespace)
  const { networking } = lab
  const last = await container(lab, 'last', ['bridge'])
  await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const name = `net-${i}`
      await networking.create(networkRequest(name, { enableIPv6: i % 2 === 0 }))
      const { view } = await container(lab, `box-${i}`, ['bridge'], [port(0, 80), port(0, 53, { protocol: 'udp' })])
      const { containerId } = view.sandbox
      await networking.connect(containerId, attachment({ network: name }))
      await networking.disconnect(containerId, 'bridge')
      if (i % 3 === 0) await networking.disconnect(containerId, name)
      await networking.closeSandbox(containerId)
      await networking.remove(name)
    }),
  )
  await networking.settled()
  // The kernel tells in its order: when these two are heard, everything before them has been.
  runIn(namespace, 'ip', 'link', 'delete', last.cable)
  await lab.heard(({ attributes }) => attributes?.['lost']?.startsWith('veth') ?? false)
  runIn(namespace, 'nft', 'flush', 'ruleset')
  await lab.heard(({ attributes }) => attributes?.['lost'] === 'table inet wharf')
  assert.deepEqual(heals(lab), ['bridge: table inet wharf', `bridge: ${last.cable} of container last`])
})

kernelTest('a network that is being removed is not made again', async ({ namespace }) => {
  await using lab = await openNetworkLab(namespace)
  const cable = (await container(lab, 'last', ['bridge'])).cable
  for (let i = 0; i < 5; i++) {
    await lab.networking.create(networkRequest('one'))
    const bridge = `br-${lab.networking.find('one').id.slice(0, 12)}`
    runIn(namespace, 'ip', 'link', 'delete', bridge)
    await lab.networking.remove('one')
  }
  await damage(lab, /veth/, 'ip', 'link', 'delete', cable)
  assert.deepEqual((await lab.links()).sort(), ['docker0', cable].sort())
})

kernelTest('what the kernel tells nobody is found when everything is compared', async ({ namespace }, t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  await using lab = await openNetworkLab(namespace)
  await container(lab, 'a', ['bridge'])
  const settings = ['net.ipv4.ip_forward', 'net.ipv4.conf.docker0.route_localnet']
  for (const name of settings) {
    lab.events.length = 0
    runIn(namespace, 'sysctl', '-qw', `${name}=0`)
    t.mock.timers.tick(30_000)
    await lab.heard(({ attributes }) => attributes?.['lost'] === 'settings of bridge docker0')
    await lab.networking.settled()
  }
  assert.equal(runIn(namespace, 'sysctl', '-n', ...settings), '1\n1\n')
  lab.events.length = 0
  t.mock.timers.tick(30_000)
  await lab.networking.settled()
  assert.deepEqual(heals(lab), [])
})

kernelTest('of many networks, some are looked at each time, and all in the end', async ({ namespace }, t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  await using lab = await openNetworkLab(namespace)
  for (let i = 0; i < 55; i++) await lab.networking.create(networkRequest(`net${i}`))
  const settings = ['net0', 'net54'].map((name) => {
    return `net.ipv4.conf.br-${lab.networking.find(name).id.slice(0, 12)}.route_localnet`
  })
  for (const name of settings) runIn(namespace, 'sysctl', '-qw', `${name}=0`)
  t.mock.timers.tick(30_000)
  await lab.heard(({ action, network }) => action === 'heal' && network.name === 'net0')
  await lab.networking.settled()
  assert.equal(runIn(namespace, 'sysctl', '-n', ...settings), '1\n0\n')
  t.mock.timers.tick(30_000)
  await lab.heard(({ action, network }) => action === 'heal' && network.name === 'net54')
  assert.equal(runIn(namespace, 'sysctl', '-n', ...settings), '1\n1\n')
})

kernelTest('a bridge that is only lent is not held against its owner, and used again when it is back', async (s) => {
  const ip = (...words: string[]) => runIn(s.namespace, 'ip', ...words)
  ip('link', 'add', 'lent', 'up', 'type', 'bridge')
  await using lab = await openNetworkLab(s.namespace)
  const options = { 'com.docker.network.bridge.name': 'lent' }
  await lab.networking.create(networkRequest('one', { options }))
  const a = await container(lab, 'a', ['one'])
  ip('link', 'set', 'lent', 'down')
  await damage(lab, /place of/, 'ip', 'link', 'set', a.cable, 'nomaster')
  assert.match(ip('-br', 'link', 'show', 'dev', 'lent'), /DOWN/)
  ip('link', 'delete', 'lent')
  await damage(lab, /lent/, 'ip', 'link', 'add', 'lent', 'type', 'bridge')
  assert.ok(await ping(a.path, a.view.endpoints[0]!.gateway!))
  assert.ok(!ip('link', 'show', 'dev', 'lent').includes('alias'), 'it stays its owner’s')
})

kernelTest('somebody who goes on damaging is held back, and told of once', async ({ namespace, netlink }) => {
  const warnings: string[] = []
  const log: Log = { ...silentLog, warn: (message) => warnings.push(message), child: () => log }
  await using lab = await openNetworkLab(namespace, { log })
  const { index } = findLink(netlink, 'docker0')!
  const told = () => warnings.filter((message) => message.startsWith('repairs less often')).length
  for (let i = 0, after = 0; i < 500 && after < 10; i++) {
    lab.events.length = 0
    setLink(netlink, index, { up: false }) // no program that is started is as quick as it has to be
    await lab.heard(({ action }) => action === 'heal')
    if (told() > 0) after++
  }
  assert.equal(told(), 1)
})
