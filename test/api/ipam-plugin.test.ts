import assert from 'node:assert/strict'
import { getuid } from 'node:process'
import { test } from 'node:test'
import { type Engine, withEngine } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { createHost } from '../support/host.ts'
import { type IpamPluginProcess, startIpamPlugin } from '../support/ipam-plugin.ts'

const skip = getuid?.() === 0 ? false : 'needs root'

/** A test with a plugin "lender" beside a real daemon. */
function pluginTest(name: string, body: (engine: Engine, plugin: IpamPluginProcess) => Promise<void>): void {
  test(name, { skip, timeout: 120_000 }, async () => {
    using host = createHost()
    await using plugin = await startIpamPlugin('lender')
    const config = { 'plugin-dir': plugin.directory, 'plugin-timeout': 2 }
    await withEngine(host, { config }, (engine) => body(engine, plugin))
  })
}

/** What is free is given back behind whoever made it free. */
const lentBy = (plugin: IpamPluginProcess, wanted: ReturnType<IpamPluginProcess['lent']>) =>
  eventually(async () => plugin.lent(), wanted)

const addressOf = ({ docker }: Engine, container: string) =>
  docker.ok('inspect', '-f', '{{range .NetworkSettings.Networks}}{{.IPAddress}}/{{.IPPrefixLen}}{{end}}', container)

pluginTest(
  'a network and its containers have the addresses of a plugin, which gets them back',
  async (engine, plugin) => {
    const { docker, sh } = engine
    const words = ['--ipam-driver', 'lender', '--ipam-opt', 'rack=7']
    await docker.ok('network', 'create', ...words, 'lent')
    assert.deepEqual(plugin.news(), [
      'Plugin.Activate',
      'GetCapabilities',
      'GetDefaultAddressSpaces',
      'RequestPool {"AddressSpace":"here","Pool":"","SubPool":"","Options":{"rack":"7"},"V6":false}',
      'RequestAddress {"PoolID":"pool/10.99.0.0/24","Address":"","Options":{"RequestAddressType":"com.docker.network.gateway"}}',
    ])
    assert.deepEqual(
      [...new Set(plugin.calls().map(({ verb, accept, host }) => `${verb} ${accept} ${host}`))],
      ['POST application/vnd.docker.plugins.v1.2+json plugin.moby.localhost'],
    )
    const ipam = JSON.parse(await docker.ok('network', 'inspect', '-f', '{{json .IPAM}}', 'lent'))
    assert.deepEqual(ipam, {
      Driver: 'lender',
      Options: { rack: '7' },
      Config: [{ Subnet: '10.99.0.0/24', Gateway: '10.99.0.100' }],
    })
    await docker.ok('run', '-di', '--name', 'one', '--network', 'lent', 'busybox')
    await docker.ok('run', '-di', '--name', 'two', '--network', 'lent', '--ip', '10.99.0.7', 'busybox')
    assert.deepEqual(plugin.news(), [
      'RequestAddress {"PoolID":"pool/10.99.0.0/24","Address":"","Options":{"com.docker.network.endpoint.name":"one"}}',
      'RequestAddress {"PoolID":"pool/10.99.0.0/24","Address":"10.99.0.7","Options":{"com.docker.network.endpoint.name":"two"}}',
    ])
    assert.deepEqual(
      [await addressOf(engine, 'one'), await addressOf(engine, 'two')],
      ['10.99.0.101/24', '10.99.0.7/24'],
    )
    assert.match(
      (await sh('one', 'ping -c1 -W2 two && ping -c1 -W2 10.99.0.100')).stdout,
      / 0% packet loss[\s\S]* 0% packet loss/,
    )
    await docker.ok('run', '-di', '--name', 'three', 'busybox')
    await docker.ok('network', 'connect', '--ip', '10.99.0.9', 'lent', 'three')
    assert.deepEqual(plugin.lent(), { '10.99.0.0/24': ['10.99.0.100', '10.99.0.101', '10.99.0.7', '10.99.0.9'] })
    await docker.ok('network', 'disconnect', 'lent', 'three')
    await docker.ok('rm', '-f', 'one')
    await lentBy(plugin, { '10.99.0.0/24': ['10.99.0.100', '10.99.0.7'] })
    await docker.ok('restart', '-t0', 'two')
    assert.equal(await addressOf(engine, 'two'), '10.99.0.7/24', 'given back before it is asked for again')
    await docker.ok('rm', '-f', 'two')
    await docker.ok('network', 'rm', 'lent')
    await lentBy(plugin, {})
    assert.deepEqual(plugin.news().slice(-2), [
      'ReleaseAddress {"PoolID":"pool/10.99.0.0/24","Address":"10.99.0.100"}',
      'ReleasePool {"PoolID":"pool/10.99.0.0/24"}',
    ])
  },
)

pluginTest('a plugin is asked for what the user says, and for both families', async ({ docker, sh }, plugin) => {
  await docker.ok(
    ...[
      'network',
      'create',
      '--ipam-driver',
      'lender',
      '--ipv6',
      '--subnet',
      '10.42.0.0/16',
      '--ip-range',
      '10.42.5.0/24',
    ],
    ...['--gateway', '10.42.0.254', '--aux-address', 'printer=10.42.0.9', 'lent'],
  )
  const [, , , ...asked] = plugin.news()
  assert.deepEqual(asked, [
    'RequestPool {"AddressSpace":"here","Pool":"10.42.0.0/16","SubPool":"10.42.5.0/24","Options":{},"V6":false}',
    'RequestAddress {"PoolID":"pool/10.42.0.0/16","Address":"10.42.0.254","Options":{"RequestAddressType":"com.docker.network.gateway"}}',
    'RequestAddress {"PoolID":"pool/10.42.0.0/16","Address":"10.42.0.9","Options":null}',
    'RequestPool {"AddressSpace":"here","Pool":"","SubPool":"","Options":{},"V6":true}',
    'RequestAddress {"PoolID":"pool/fd99:0:0:1::/64","Address":"","Options":{"RequestAddressType":"com.docker.network.gateway"}}',
  ])
  await docker.ok('run', '-di', '--name', 'one', '--network', 'lent', 'busybox')
  assert.match((await sh('one', 'ip -o addr show eth0')).stdout, / 10\.42\.0\.100\/16 [\s\S]* fd99:0:0:1::65\/64 /)
  assert.match((await sh('one', 'ping -c1 -W2 fd99:0:0:1::64')).stdout, / 0% packet loss/)
  const off = ['--sysctl', 'net.ipv6.conf.all.disable_ipv6=1']
  await docker.ok('run', '-di', '--name', 'two', '--network', 'lent', ...off, 'busybox')
  const free = { '10.42.0.0/16': ['10.42.0.254', '10.42.0.9', '10.42.0.100', '10.42.0.101'] }
  await lentBy(plugin, { ...free, 'fd99:0:0:1::/64': ['fd99:0:0:1::64', 'fd99:0:0:1::65'] })
  await docker.ok('rm', '-f', 'one', 'two')
  await docker.ok('network', 'rm', 'lent')
  await lentBy(plugin, {})
})

pluginTest('a plugin that is not there is not found, and one that fails leaves nothing', async ({ docker }, plugin) => {
  const networks = await docker.ok('network', 'ls')
  const refused = async (...words: string[]) =>
    (await docker.run(['network', 'create', ...words, 'lent'])).stderr.trim()
  assert.match(await refused('--ipam-driver', 'nobody'), /plugin "nobody" not found$/)
  assert.match(await refused('--ipam-driver', '../lender'), /plugin "\.\.\/lender" not found$/)
  const lender = ['--ipam-driver', 'lender']
  const method = (name: string) => `IpamDriver.${name}`
  const cases: readonly [string, object, RegExp][] = [
    ['RequestPool', { answer: { Error: 'no more' } }, /remote: no more$/],
    [
      'RequestPool',
      { text: 'garbage' },
      /plugin "lender": IpamDriver\.RequestPool answered "garbage", which is no JSON/,
    ],
    ['RequestPool', { text: '[]' }, /no JSON object/],
    ['RequestPool', { answer: { PoolID: 5 } }, /"PoolID" is no text/],
    [
      'RequestPool',
      { answer: { PoolID: 'p', Pool: '10.0.0.0' } },
      /"10\.0\.0\.0" of plugin "lender": it is no address/,
    ],
    ['RequestPool', { answer: { PoolID: 'p', Pool: '0.0.0.0/0' } }, /it is everything there is/],
    ['RequestPool', { answer: { PoolID: 'p', Pool: 'fd00::/64' } }, /no block of IPv4/],
    ['RequestPool', { answer: { PoolID: 'p', Pool: '172.17.0.0/24' } }, /nothing but pools that are in use here/],
    ['RequestPool', { status: 500, answer: { Err: 'broken' } }, /IpamDriver\.RequestPool: broken$/],
    ['RequestPool', { hang: true }, /IpamDriver\.RequestPool of plugin "lender": no answer within 2 s$/],
    ['RequestAddress', { answer: { Error: 'full' } }, /failed to allocate gateway \(\): remote: full$/],
    ['RequestAddress', { answer: {} }, /failed to allocate gateway \(\): no address returned$/],
    [
      'RequestAddress',
      { answer: { Address: '192.0.2.1/24' } },
      /gave address 192\.0\.2\.1\/24 when asked for one of 10\.99/,
    ],
    ['RequestAddress', { answer: { Address: 'x' } }, /invalid CIDR address: x$/],
  ]
  for (const [name, behaviour, message] of cases) {
    plugin.behave({ [method(name)]: behaviour })
    assert.match(await refused(...lender), message)
  }
  plugin.behave({})
  assert.equal(await docker.ok('network', 'ls'), networks)
  await lentBy(plugin, {})
  plugin.behave({ 'Plugin.Activate': { answer: { Implements: ['VolumeDriver'] } } })
  await plugin.kill()
  assert.match(await refused(...lender), /Cannot call .* of plugin "lender": connect ECONNREFUSED/)
  await plugin.start()
  assert.match(
    await refused(...lender),
    /legacy plugin: Plugin does not implement the requested driver: plugin="lender", requested implementation="IpamDriver"$/,
  )
})

pluginTest('a container that a plugin fails does not start, and leaves nothing', async (engine, plugin) => {
  const { docker } = engine
  await docker.ok('network', 'create', '--ipam-driver', 'lender', 'lent')
  await docker.ok('run', '-di', '--name', 'first', '--network', 'lent', 'busybox')
  await docker.ok('create', '-i', '--name', 'one', '--network', 'lent', 'busybox')
  const before = plugin.lent()
  const address = (Address: string) => ({ 'IpamDriver.RequestAddress': { answer: { Address } } })
  const cases: readonly [Parameters<typeof plugin.behave>[0], RegExp][] = [
    [{ 'IpamDriver.RequestAddress': { hang: true } }, /container networking: .*no answer within 2 s$/m],
    [
      { 'IpamDriver.RequestAddress': { answer: { Error: 'full' } } },
      /failed to set up container networking: remote: full$/m,
    ],
    [address(await addressOf(engine, 'first')), /failed to set up container networking: Address already in use$/m],
    [address('10.99.0.100/24'), /Address already in use$/m],
    [address('10.7.7.7/24'), /gave address 10\.7\.7\.7\/24 when asked for one of 10\.99\.0\.0\/24$/m],
  ]
  for (const [behaviour, message] of cases) {
    plugin.behave(behaviour)
    const refusal = await docker.run(['start', 'one'])
    assert.notEqual(refusal.code, 0)
    assert.match(refusal.stderr, message)
  }
  plugin.behave({})
  await lentBy(plugin, before)
  await docker.ok('start', 'one')
  assert.equal(await addressOf(engine, 'one'), '10.99.0.102/24')
})

pluginTest(
  'what a plugin could not be told while it was away it is told before it lends again',
  async (engine, plugin) => {
    const { docker } = engine
    await docker.ok('network', 'create', '--ipam-driver', 'lender', 'lent')
    await docker.ok('run', '-di', '--name', 'one', '--network', 'lent', '--ip', '10.99.0.7', 'busybox')
    await plugin.kill()
    await docker.ok('stop', '-t0', 'one')
    const refusal = await docker.run(['start', 'one'])
    assert.match(refusal.stderr, /failed to set up container networking: .*plugin "lender"/)
    await plugin.start()
    await docker.ok('start', 'one')
    assert.deepEqual(
      [await addressOf(engine, 'one'), plugin.lent()],
      ['10.99.0.7/24', { '10.99.0.0/24': ['10.99.0.100', '10.99.0.7'] }],
    )
  },
)

pluginTest(
  'a killed daemon goes on with what plugins have lent, and gives back what it owes',
  async (engine, plugin) => {
    const { docker, daemon, sh } = engine
    await docker.ok('network', 'create', '--ipam-driver', 'lender', 'lent')
    await docker.ok('run', '-di', '--name', 'one', '--network', 'lent', 'busybox')
    await docker.ok('run', '-di', '--name', 'two', '--network', 'lent', 'busybox')
    await plugin.kill()
    await docker.ok('rm', '-f', 'two')
    await daemon.kill9()
    await plugin.start()
    plugin.behave({
      'IpamDriver.GetCapabilities': { answer: { RequiresRequestReplay: true, RequiresMACAddress: true } },
    })
    plugin.news()
    await daemon.start()
    await lentBy(plugin, { '10.99.0.0/24': ['10.99.0.100', '10.99.0.101'] })
    const replayed = plugin.news().filter((line) => /^RequestPool/.test(line))
    assert.deepEqual(replayed, [
      'RequestPool {"AddressSpace":"here","Pool":"10.99.0.0/24","SubPool":"","Options":{},"V6":false}',
    ])
    assert.match((await sh('one', 'ping -c1 -W2 10.99.0.100')).stdout, / 0% packet loss/)
    await docker.ok('run', '-di', '--name', 'three', '--network', 'lent', 'busybox')
    const mac = await docker.ok('inspect', '-f', '{{.NetworkSettings.Networks.lent.MacAddress}}', 'three')
    assert.equal(await addressOf(engine, 'three'), '10.99.0.102/24')
    assert.match(plugin.news().at(-1)!, new RegExp(`"com\\.docker\\.network\\.endpoint\\.macaddress":"${mac}"`))
    await docker.ok('rm', '-f', 'one', 'three')
    await docker.ok('network', 'rm', 'lent')
    await lentBy(plugin, {})
  },
)
