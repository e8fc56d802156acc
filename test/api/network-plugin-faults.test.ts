import assert from 'node:assert/strict'
import { eventually } from '../support/eventually.ts'
import { driverIs, linksOf, methods, nothing, pluginTest } from '../support/network-plugin-test.ts'

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
    await eventually(async () => Object.keys(plugin.wired()).length, 1) // what was made too late
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
