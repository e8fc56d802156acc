import assert from 'node:assert/strict'
import { getuid } from 'node:process'
import { test } from 'node:test'
import { type Engine, withEngine } from '../support/engine-test.ts'
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
