import assert from 'node:assert/strict'
import { driverIs, linksOf, methods, pluginTest } from '../support/network-plugin-test.ts'

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
