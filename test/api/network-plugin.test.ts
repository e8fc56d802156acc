import assert from 'node:assert/strict'
import { getuid } from 'node:process'
import { test } from 'node:test'
import { type Engine, withEngine } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { createHost } from '../support/host.ts'
import { type NetworkPluginProcess, startNetworkPlugin } from '../support/network-plugin.ts'

const skip = getuid?.() === 0 ? false : 'needs root'

/** A test with a plugin "wirer" beside a real daemon. */
function pluginTest(name: string, body: (engine: Engine, plugin: NetworkPluginProcess) => Promise<void>): void {
  test(name, { skip, timeout: 120_000 }, async () => {
    using host = createHost()
    await using plugin = await startNetworkPlugin(host, 'wirer')
    const config = { 'plugin-dir': plugin.directory, 'plugin-timeout': 2 }
    await withEngine(host, { config }, (engine) => body(engine, plugin))
  })
}

/** Methods alone, in their order. */
const methods = (news: readonly string[]) => news.map((line) => line.split(' ', 1)[0])

const linksOf = async ({ host }: Engine) => {
  const links: { ifname: string }[] = await host.ip('link')
  return links.map(({ ifname }) => ifname).filter((name) => /^t[pv]/.test(name))
}

pluginTest(
  'a plugin wires containers: create, run, ping, names, inspect, connect, disconnect, rm',
  async (engine, plugin) => {
    const { docker, sh } = engine
    const words = ['-d', 'wirer', '-o', 'colour=blue', '--subnet', '10.77.0.0/24']
    const id = await docker.ok('network', 'create', ...words, 'wired')
    assert.deepEqual(plugin.news(), [
      'Plugin.Activate',
      'GetCapabilities',
      `CreateNetwork {"NetworkID":"${id}","Options":{"com.docker.network.enable_ipv4":true,"com.docker.network.enable_ipv6":false,"com.docker.network.generic":{"colour":"blue"}},"IPv4Data":[{"AddressSpace":"LocalDefault","Pool":"10.77.0.0/24","Gateway":"10.77.0.1/24"}],"IPv6Data":[]}`,
    ])
    assert.equal(
      await docker.ok('network', 'inspect', '-f', '{{.Driver}} {{.Scope}} {{json .Options}}', 'wired'),
      'wirer local {"colour":"blue"}',
    )
    await docker.ok('run', '-di', '--name', 'one', '--network', 'wired', 'busybox')
    await docker.ok(
      'run',
      '-di',
      '--name',
      'two',
      '--network',
      'wired',
      '--ip',
      '10.77.0.9',
      '--mac-address',
      '02:00:00:00:00:99',
      'busybox',
    )
    assert.deepEqual(methods(plugin.news()), [
      'CreateEndpoint',
      'Join',
      'ProgramExternalConnectivity',
      'CreateEndpoint',
      'Join',
      'ProgramExternalConnectivity',
    ])
    const shown = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.Gateway}} {{.MacAddress}}{{end}}'
    assert.equal(await docker.ok('inspect', '-f', shown, 'two'), '10.77.0.9 10.77.0.1 02:00:00:00:00:99')
    assert.match(
      (await sh('one', 'ping -c1 -W2 two && ping -c1 -W2 10.77.0.1')).stdout,
      / 0% packet loss[\s\S]* 0% packet loss/,
    )
    assert.match(
      (await sh('one', 'ip route')).stdout,
      /^default via 10\.77\.0\.1 dev eth0[\s\S]*10\.200\.0\.0\/16 dev eth0[\s\S]*10\.201\.0\.0\/16 via 10\.77\.0\.1/,
    )
    await docker.ok('run', '-di', '--name', 'three', 'busybox')
    await docker.ok('network', 'connect', 'wired', 'three')
    assert.match((await sh('three', 'ping -c1 -W2 two')).stdout, / 0% packet loss/)
    assert.equal((await linksOf(engine)).length, 4)
    plugin.news()
    await docker.ok('network', 'disconnect', 'wired', 'three')
    assert.doesNotMatch((await sh('three', 'ip link')).stdout, /eth1/)
    assert.deepEqual(methods(plugin.news()), ['Leave', 'DeleteEndpoint'])
    await docker.ok('rm', '-f', 'one', 'two', 'three')
    assert.deepEqual(methods(plugin.news()), [
      'RevokeExternalConnectivity',
      'Leave',
      'DeleteEndpoint',
      'RevokeExternalConnectivity',
      'Leave',
      'DeleteEndpoint',
    ])
    await docker.ok('network', 'rm', 'wired')
    assert.deepEqual(plugin.news(), [`DeleteNetwork {"NetworkID":"${id}"}`])
    assert.deepEqual([plugin.wired(), await linksOf(engine)], [{}, []])
  },
)

const driverIs = (method: string) => `NetworkDriver.${method}`
const nothing = async (engine: Engine, plugin: NetworkPluginProcess) => [plugin.wired(), await linksOf(engine)]

pluginTest('one plugin is network driver and manager of addresses at once', async ({ docker, sh }, plugin) => {
  await docker.ok('network', 'create', '-d', 'wirer', '--ipam-driver', 'wirer', 'wired')
  assert.deepEqual(methods(plugin.news()).slice(0, 2), ['Plugin.Activate', 'GetCapabilities'])
  await docker.ok('run', '-di', '--name', 'one', '--network', 'wired', 'busybox')
  await docker.ok('run', '-di', '--name', 'two', '--network', 'wired', 'busybox')
  assert.match(
    (await sh('one', 'ping -c1 -W2 two && ip -o addr show eth0')).stdout,
    / 0% packet loss[\s\S]* 10\.99\.0\.101\/24/,
  )
  assert.equal(methods(plugin.news()).includes('Plugin.Activate'), false)
  await docker.ok('rm', '-f', 'one', 'two')
  await docker.ok('network', 'rm', 'wired')
})

pluginTest(
  'a network that a plugin fails is not made, and what may have been made is removed',
  async (engine, plugin) => {
    const { docker } = engine
    const networks = await docker.ok('network', 'ls')
    const refused = async (driver: string) =>
      (await docker.run(['network', 'create', '-d', driver, 'wired'])).stderr.trim()
    assert.match(await refused('nobody'), /plugin "nobody" not found$/)
    const cases: readonly [string, object, RegExp, boolean][] = [
      ['GetCapabilities', { answer: {} }, /invalid capability: expecting 'local' or 'global', got$/, false],
      ['GetCapabilities', { answer: { Scope: 'moon' } }, /invalid capability: .*got moon$/, false],
      ['GetCapabilities', { answer: { Err: 'not now' } }, /remote: not now$/, false],
      ['CreateNetwork', { answer: { Err: 'no more' } }, /remote: no more$/, false],
      ['CreateNetwork', { status: 500, answer: { Err: 'broken' } }, /NetworkDriver\.CreateNetwork: broken$/, false],
      ['CreateNetwork', { text: 'garbage' }, /answered "garbage", which is no JSON object$/, true],
      ['CreateNetwork', { hang: true }, /NetworkDriver\.CreateNetwork of plugin "wirer": no answer within 2 s$/, true],
      ['CreateNetwork', { lateMs: 3000 }, /no answer within 2 s$/, true],
    ]
    for (const [method, behaviour, message, isRemoved] of cases) {
      plugin.behave({ [driverIs(method)]: behaviour })
      plugin.news()
      assert.match(await refused('wirer'), message)
      plugin.behave({})
      await eventually(async () => methods(plugin.news()).includes('DeleteNetwork') || !isRemoved, true)
      assert.equal(await docker.ok('network', 'ls'), networks)
    }
    await docker.ok('network', 'create', '-d', 'wirer', 'wired') // what is owed is paid first
    await docker.ok('network', 'rm', 'wired')
    assert.deepEqual(await nothing(engine, plugin), [{}, []])
  },
)

pluginTest('a container that a plugin fails does not start, and leaves nothing', async (engine, plugin) => {
  const { docker } = engine
  await docker.ok('network', 'create', '-d', 'wirer', '--subnet', '10.77.0.0/24', 'wired')
  await docker.ok('create', '-i', '--name', 'one', '--network', 'wired', 'busybox')
  const empty = plugin.wired()
  const names = (InterfaceName: object) => ({ answer: { InterfaceName } })
  const cases: readonly [string, object, RegExp][] = [
    ['CreateEndpoint', { answer: { Err: 'full' } }, /failed to set up container networking: remote: full/],
    ['CreateEndpoint', { text: '[]' }, /no JSON object/],
    [
      'CreateEndpoint',
      { answer: { Interface: { Address: '10.1.1.1/8' } } },
      /driver modified interface address: 10\.77\.0\.\d+\/24 to 10\.1\.1\.1\/8/,
    ],
    ['CreateEndpoint', { answer: { Interface: { MacAddress: 'x' } } }, /invalid MAC address/],
    ['CreateEndpoint', { hang: true }, /no answer within 2 s/],
    ['Join', { answer: { Err: 'no seat' } }, /remote: no seat/],
    [
      'Join',
      names({ SrcName: 'nothere', DstPrefix: 'eth' }),
      /plugin "wirer" answers with interface "nothere", which is not there/,
    ],
    ['Join', names({ SrcName: 'a/../b' }), /is no name of an interface/],
    ['Join', names({ SrcName: 7 }), /"SrcName" is no text/],
    ['Join', { answer: { Gateway: 'fe80::1' } }, /unable to parse Gateway "fe80::1"/],
    ['Join', { answer: { StaticRoutes: [{ Destination: '10.0.0.0/8', RouteType: 0 }] } }, /has no next hop/],
    ['Join', { answer: { StaticRoutes: {} } }, /"StaticRoutes" is no list/],
    ['Join', { hang: true }, /no answer within 2 s/],
    ['ProgramExternalConnectivity', { answer: { Err: 'no way' } }, /remote: no way/],
  ]
  for (const [method, behaviour, message] of cases) {
    plugin.behave({ [driverIs(method)]: behaviour })
    const refusal = await docker.run(['start', 'one'])
    assert.notEqual(refusal.code, 0)
    assert.match(refusal.stderr, message)
    plugin.behave({})
    await eventually(async () => plugin.wired(), empty)
  }
  await docker.ok('start', 'one')
  await docker.ok('rm', '-f', 'one')
  await docker.ok('network', 'rm', 'wired')
  assert.deepEqual(await nothing(engine, plugin), [{}, []])
})

pluginTest(
  'a plugin that gives no gateway leaves the way out to the engine, unless it declines that',
  async ({ docker, sh }) => {
    await docker.ok('network', 'create', '-d', 'wirer', '-o', 'gateway=none', '-o', 'prefix=net', 'wired')
    await docker.ok('run', '-di', '--name', 'one', '--network', 'wired', 'busybox')
    assert.match((await sh('one', 'ip route; ip link')).stdout, /^default via 172\.\d+\.0\.1 dev eth0[\s\S]* net0/)
    await docker.ok('network', 'create', '-d', 'wirer', '--internal', 'inside')
    await docker.ok('run', '-di', '--name', 'two', '--network', 'inside', 'busybox')
    assert.doesNotMatch((await sh('two', 'ip route')).stdout, /default/)
  },
)

pluginTest(
  'a killed daemon finds its containers as they were, also while the plugin is away',
  async (engine, plugin) => {
    const { docker, daemon, sh } = engine
    await docker.ok('network', 'create', '-d', 'wirer', '--subnet', '10.77.0.0/24', 'wired')
    for (const name of ['one', 'two', 'three'])
      await docker.ok('run', '-di', '--name', name, '--network', 'wired', 'busybox')
    await daemon.kill9()
    plugin.news()
    await daemon.start()
    assert.match((await sh('one', 'ping -c1 -W2 two')).stdout, / 0% packet loss/)
    await eventually(
      async () => methods(plugin.calls().map(({ method }) => method)).at(-1),
      'NetworkDriver.CreateNetwork',
    )
    assert.deepEqual(
      methods(plugin.news()),
      ['Plugin.Activate', 'GetCapabilities', 'CreateNetwork'],
      'it is told again, in case',
    )
    await plugin.kill()
    await docker.ok('rm', '-f', 'three')
    await daemon.kill9()
    await daemon.start()
    assert.match((await sh('one', 'ping -c1 -W2 two')).stdout, / 0% packet loss/)
    assert.match(await docker.ok('network', 'ls'), / wired +wirer +local/)
    const refusal = await docker.run(['run', '-di', '--name', 'four', '--network', 'wired', 'busybox'])
    assert.match(refusal.stderr, /failed to set up container networking: .*plugin "wirer"/)
    await plugin.start()
    await docker.ok('start', 'four')
    assert.match((await sh('four', 'ping -c1 -W2 one')).stdout, / 0% packet loss/)
    assert.equal((await linksOf(engine)).filter((name) => name.startsWith('tv')).length, 3, 'what was owed is gone')
    await docker.ok('rm', '-f', 'one', 'two', 'four')
    await docker.ok('network', 'rm', 'wired')
    assert.deepEqual(await nothing(engine, plugin), [{}, []])
  },
)

pluginTest(
  'containers that lost their interfaces with the plugin get new ones when it is back',
  async (engine, plugin) => {
    const { docker, host, sh } = engine
    await docker.ok('network', 'create', '-d', 'wirer', '--subnet', '10.77.0.0/24', 'wired')
    for (const name of ['one', 'two']) await docker.ok('run', '-di', '--name', name, '--network', 'wired', 'busybox')
    await plugin.kill()
    for (const name of await linksOf(engine)) await host.execOk('ip', ['link', 'del', name])
    plugin.forget()
    assert.match((await sh('one', 'ping -c1 -W1 10.77.0.3')).stderr, /unreachable/i)
    await plugin.start()
    await docker.ok('run', '-di', '--name', 'three', '--network', 'wired', 'busybox')
    await eventually(async () => (await sh('one', 'ping -c1 -W2 two')).code, 0)
    assert.equal(await docker.ok('inspect', '-f', '{{.NetworkSettings.Networks.wired.IPAddress}}', 'two'), '10.77.0.3')
    await docker.ok('rm', '-f', 'one', 'two', 'three')
    await docker.ok('network', 'rm', 'wired')
    assert.deepEqual(await nothing(engine, plugin), [{}, []])
  },
)

pluginTest(
  'a plugin that dies over a call, or is away, does not keep containers and networks from going',
  async (engine, plugin) => {
    const { docker } = engine
    await docker.ok('network', 'create', '-d', 'wirer', 'wired')
    await docker.ok('run', '-di', '--name', 'one', '--network', 'wired', 'busybox')
    plugin.behave({ [driverIs('Leave')]: { dies: true } })
    await docker.ok('rm', '-f', 'one')
    await docker.ok('network', 'rm', 'wired')
    plugin.behave({})
    await plugin.kill()
    await plugin.start()
    await docker.ok('network', 'create', '-d', 'wirer', 'other')
    await docker.ok('network', 'rm', 'other')
    assert.deepEqual(await nothing(engine, plugin), [{}, []])
  },
)

pluginTest('a plugin that wants to be asked says which subnets need no gateway', async ({ docker }, plugin) => {
  plugin.behave({
    [driverIs('GetCapabilities')]: { answer: { Scope: 'local', GwAllocChecker: true } },
    [driverIs('GwAllocCheck')]: { answer: { SkipIPv4: true } },
  })
  await docker.ok(
    'network',
    'create',
    '-d',
    'wirer',
    '--ipv6',
    '--subnet',
    '10.77.0.0/24',
    '--subnet',
    'fd77::/64',
    'wired',
  )
  assert.match(
    plugin.news().find((line) => line.startsWith('GwAllocCheck'))!,
    /"com\.docker\.network\.enable_ipv6":true/,
  )
  const configs: { Subnet: string; Gateway?: string }[] = JSON.parse(
    await docker.ok('network', 'inspect', '-f', '{{json .IPAM.Config}}', 'wired'),
  )
  const gateways = Object.fromEntries(configs.map(({ Subnet, Gateway = '' }) => [Subnet, Gateway]))
  assert.deepEqual(gateways, { '10.77.0.0/24': '', 'fd77::/64': 'fd77::1' })
  await docker.ok('network', 'rm', 'wired')
})

pluginTest('a daemon that is killed while a plugin makes an endpoint has it removed again', async (engine, plugin) => {
  const { docker, daemon } = engine
  await docker.ok('network', 'create', '-d', 'wirer', '--subnet', '10.77.0.0/24', 'wired')
  await docker.ok('create', '-i', '--name', 'one', '--network', 'wired', 'busybox')
  const empty = plugin.wired()
  plugin.behave({ [driverIs('Join')]: { hang: true } })
  const starting = docker.run(['start', 'one'])
  await eventually(async () => plugin.calls().at(-1)?.method, driverIs('Join'))
  await daemon.kill9()
  assert.notEqual((await starting).code, 0)
  assert.notDeepEqual(plugin.wired(), empty)
  plugin.behave({})
  await daemon.start()
  await eventually(async () => plugin.wired(), empty)
  await docker.ok('start', 'one')
  await docker.ok('rm', '-f', 'one')
  await docker.ok('network', 'rm', 'wired')
  assert.deepEqual(await nothing(engine, plugin), [{}, []])
})
