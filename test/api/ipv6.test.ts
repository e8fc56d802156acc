import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { readSysctl } from '../../src/kernel/sysctl.ts'
import { dig } from '../support/dig.ts'
import { type Engine, engineTest, withEngine } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import type { Host } from '../support/host.ts'
import { createLan } from '../support/hosts.ts'
import { fetchFrom, fetchIn, httpWhoami, runHelper, serve } from '../support/web.ts'

const needsRoot = process.getuid?.() === 0 ? false : 'needs root'

/** The place of a container on a network. */
async function endpointOf({ docker }: Engine, container: string, network: string): Promise<any> {
  return JSON.parse(
    await docker.ok('inspect', '-f', `{{json (index .NetworkSettings.Networks "${network}")}}`, container),
  )
}

async function pathOf({ docker }: Engine, container: string): Promise<string> {
  return await docker.ok('inspect', '-f', '{{.NetworkSettings.SandboxKey}}', container)
}

/** Global addresses of IPv6 on an interface, by `ip` in the container's namespace. */
async function globals(engine: Engine, container: string, name = 'eth0'): Promise<string[]> {
  const { host } = engine
  const path = await pathOf(engine, container)
  const [link] = JSON.parse(await host.execOk('nsenter', [`--net=${path}`, 'ip', '-j', '-6', 'addr', 'show', name]))
  const found = (link?.addr_info ?? []).filter(({ scope }: { scope: string }) => scope === 'global')
  return found.map(({ local, prefixlen }: { local: string; prefixlen: number }) => `${local}/${prefixlen}`)
}

engineTest(
  '--ipv6 takes a unique local /64 of the host, and networks without it have no IPv6 at all',
  async (engine) => {
    const { docker, host } = engine
    for (const name of ['one', 'two']) await docker.ok('network', 'create', '--ipv6', name)
    const id = await docker.ok('network', 'create', 'four')
    const subnets = await docker.ok('network', 'inspect', '-f', '{{(index .IPAM.Config 1).Subnet}}', 'one', 'two')
    const [one, two] = subnets.split('\n')
    assert.match(one!, /^fd[0-9a-f]{2}:[0-9a-f]{1,4}:[0-9a-f]{1,4}(:[0-9a-f]{1,4})?::\/64$/)
    assert.notEqual(one, two)
    assert.deepEqual(one!.split(':').slice(0, 3), two!.split(':').slice(0, 3), 'one /48 for the host')
    await docker.ok('run', '-di', '--name', 'box', '--network', 'one', 'busybox')
    const { GlobalIPv6Address, GlobalIPv6PrefixLen, IPv6Gateway } = await endpointOf(engine, 'box', 'one')
    assert.deepEqual(await globals(engine, 'box'), [`${GlobalIPv6Address}/${GlobalIPv6PrefixLen}`])
    const inside = [
      'nsenter',
      [`--net=${await pathOf(engine, 'box')}`, 'ip', '-j', '-6', 'route', 'show', 'default'],
    ] as const
    assert.equal(JSON.parse(await host.execOk(...inside))[0].gateway, IPv6Gateway)
    assert.match(await docker.ok('exec', 'box', 'cat', '/etc/hosts'), new RegExp(`^${GlobalIPv6Address}\t`, 'm'))

    const bridge = `br-${id.slice(0, 12)}`
    assert.equal(readSysctl(host.namespace, `net/ipv6/conf/${bridge}/disable_ipv6`), '1')
    const six = `br-${(await docker.ok('network', 'inspect', '-f', '{{.Id}}', 'one')).slice(0, 12)}`
    assert.equal(
      readSysctl(host.namespace, `net/ipv6/conf/${six}/accept_ra`),
      '0',
      'no router of a container is believed',
    )
    await docker.ok('run', '-di', '--name', 'plain', '--network', 'four', 'busybox')
    assert.deepEqual(await globals(engine, 'plain'), [])
    assert.equal((await endpointOf(engine, 'plain', 'four')).GlobalIPv6Address, '')
  },
)

engineTest('a network of IPv6 alone has names, reach and way out, and no IPv4', async (engine) => {
  const { docker, host, sh } = engine
  await docker.ok('network', 'create', '--ipv4=false', '--ipv6', '--subnet', 'fd00:6::/64', 'six')
  assert.equal(await docker.ok('network', 'inspect', '-f', '{{.EnableIPv4}} {{.EnableIPv6}}', 'six'), 'false true')
  await docker.ok('run', '-di', '--name', 'web', '--network', 'six', '--ip6', 'fd00:6::aa', 'busybox')
  await docker.ok('run', '-di', '--name', 'asker', '--network', 'six', 'busybox')
  using asker = NetworkNamespace.at(await pathOf(engine, 'asker'))
  assert.deepEqual((await dig(asker, 'web', 'AAAA')).answers, ['web. 600 IN AAAA fd00:6::aa'])
  const noAnswer = await dig(asker, 'web', 'A')
  assert.deepEqual([noAnswer.status, noAnswer.answers], ['NOERROR', []])
  const pointer = `${['a', 'a', ...Array(14).fill('0')].join('.')}.0.0.0.0.0.0.0.0.6.0.0.0.0.0.d.f.ip6.arpa.`
  assert.deepEqual((await dig(asker, '-x', 'fd00:6::aa')).answers, [`${pointer} 600 IN PTR web.six.`])
  assert.equal((await sh('asker', 'ping -c 1 -W 2 web')).code, 0)
  assert.doesNotMatch((await sh('asker', 'ip addr show eth0')).stdout, /inet /)
  assert.equal((await endpointOf(engine, 'web', 'six')).IPAddress, '')
  const links = await host.ip('addr', 'show', 'type', 'bridge')
  const bridge = links.find(({ ifname }: { ifname: string }) => ifname.startsWith('br-'))
  assert.deepEqual(
    bridge.addr_info.filter(({ family }: { family: string }) => family === 'inet'),
    [],
  )
  const both = await docker.run(['network', 'create', '--ipv4=false', 'neither'])
  assert.match(both.stderr, /IPv4 or IPv6 must be enabled/)
})

/** Two hosts with IPv6 on their wire. */
async function onDualLan(
  body: (hosts: { readonly host: Host; readonly outside: Host }) => Promise<void>,
): Promise<void> {
  using lan = createLan(2)
  for (const [number, host] of lan.hosts.entries()) {
    await host.execOk('ip', ['addr', 'add', `2001:db8::${number + 1}/64`, 'dev', 'eth0', 'nodad'])
  }
  await body({ host: lan.hosts[0]!, outside: lan.hosts[1]! })
}

test(
  '-p reaches by [::] and 0.0.0.0 containers with IPv6, and those of IPv4 alone through the proxy',
  {
    skip: needsRoot,
    timeout: 150_000,
  },
  () =>
    onDualLan(async ({ host, outside }) => {
      await using _server = await httpWhoami(outside.namespace.path, '::', 8000)
      await withEngine(host, {}, async (engine) => {
        const { docker } = engine
        await docker.ok('network', 'create', '--ipv6', 'dual')
        await docker.ok('network', 'create', '--ipv4=false', '--ipv6', 'six')
        const run = (name: string, network: string, port: string) =>
          docker.ok('run', '-di', '--name', name, '--network', network, '-p', port, 'busybox')
        await run('dual', 'dual', '8001:80')
        await run('four', 'bridge', '8002:80')
        await run('six', 'six', '8003:80')
        await run('loopback', 'dual', '[::1]:8004:80')
        for (const name of ['dual', 'four', 'six', 'loopback']) await serve(engine, name, name)
        const ports = async (name: string) => (await docker.ok('port', name)).split('\n').sort()
        assert.deepEqual(await ports('dual'), ['80/tcp -> 0.0.0.0:8001', '80/tcp -> [::]:8001'])
        assert.deepEqual(await ports('four'), ['80/tcp -> 0.0.0.0:8002', '80/tcp -> [::]:8002'])
        assert.deepEqual(await ports('six'), ['80/tcp -> 0.0.0.0:8003', '80/tcp -> [::]:8003'])
        assert.deepEqual(await ports('loopback'), ['80/tcp -> [::1]:8004'])
        const from = (place: Host, address: string, port: number) => fetchFrom(place, `http://${address}:${port}/`)
        assert.deepEqual(
          {
            'dual by IPv6': await from(outside, '[2001:db8::1]', 8001),
            'dual by IPv4': await from(outside, '192.0.2.1', 8001),
            'dual by loopback': await from(host, '[::1]', 8001),
            'IPv4 alone by IPv6': await from(outside, '[2001:db8::1]', 8002),
            'IPv4 alone by loopback': await from(host, '[::1]', 8002),
            'IPv6 alone by IPv6': await from(outside, '[2001:db8::1]', 8003),
            'IPv6 alone by IPv4': await from(outside, '192.0.2.1', 8003),
            'loopback from the host': await from(host, '[::1]', 8004),
            'loopback from outside': await from(outside, '[2001:db8::1]', 8004),
          },
          {
            'dual by IPv6': 'dual',
            'dual by IPv4': 'dual',
            'dual by loopback': 'dual',
            'IPv4 alone by IPv6': 'four',
            'IPv4 alone by loopback': 'four',
            'IPv6 alone by IPv6': 'six',
            'IPv6 alone by IPv4': 'six',
            'loopback from the host': 'loopback',
            'loopback from outside': 'curl: 7',
          },
        )
        assert.equal(await fetchIn(engine, 'six', 'http://[2001:db8::2]:8000/'), '2001:db8::1', 'masqueraded')
        assert.equal(readSysctl(host.namespace, 'net.ipv6.conf.all.forwarding'), '1')
        const direct = (await endpointOf(engine, 'dual', 'dual')).GlobalIPv6Address
        await outside.execOk('ip', ['route', 'add', 'fd00::/8', 'via', '2001:db8::1'])
        const refused = await outside.exec('curl', ['-s', '-g', '--max-time', '1', `http://[${direct}]/`])
        assert.equal(refused.code, 28, 'the container itself is nobody’s to reach')
      })
    }),
)

engineTest('a container that switches IPv6 off has no address of it, and no lines in hosts', async (engine) => {
  const { docker, sh } = engine
  await docker.ok('network', 'create', '--ipv6', '--subnet', 'fd00:7::/64', 'dual')
  const off = ['--sysctl', 'net.ipv6.conf.all.disable_ipv6=1']
  await docker.ok('run', '-di', '--name', 'off', '--network', 'dual', ...off, 'busybox')
  assert.doesNotMatch((await sh('off', 'ip addr')).stdout, /inet6/)
  assert.doesNotMatch((await sh('off', 'cat /etc/hosts')).stdout, /::/)
  const { GlobalIPv6Address, IPv6Gateway, IPAddress } = await endpointOf(engine, 'off', 'dual')
  assert.deepEqual([GlobalIPv6Address, IPv6Gateway], ['', ''])
  assert.match((await sh('off', 'cat /etc/hosts')).stdout, new RegExp(`^${IPAddress.replaceAll('.', '\\.')}\t`, 'm'))

  const label = 'driver-opt=com.docker.network.endpoint.sysctls=net.ipv6.conf.IFNAME.disable_ipv6=1'
  await docker.ok('run', '-di', '--name', 'apart', '--network', `name=dual,${label}`, 'busybox')
  assert.deepEqual(await globals(engine, 'apart'), [])
  assert.equal((await endpointOf(engine, 'apart', 'dual')).GlobalIPv6Address, '')
  using apart = NetworkNamespace.at(await pathOf(engine, 'apart'))
  assert.deepEqual((await dig(apart, 'apart', 'AAAA')).answers, [])
  await docker.ok('run', '-di', '--name', 'on', '--network', 'dual', '--ip6', 'fd00:7::2', 'busybox')
  assert.deepEqual(await globals(engine, 'on'), ['fd00:7::2/64'], 'the addresses of the others were given back')
})

engineTest('an interface that comes up announces its addresses of both families', async (engine) => {
  const { docker } = engine
  await docker.ok('network', 'create', '--ipv6', '--subnet', 'fd00:8::/64', '--subnet', '10.8.0.0/24', 'net')
  await docker.ok('run', '-di', '--name', 'box', 'busybox')
  const capture = `const c = require('node:child_process').spawn('tcpdump', ['-nli', 'any', 'arp or icmp6'], { stdio: ['ignore', 'pipe', 'pipe'] })
    c.stderr.on('data', (d) => String(d).includes('listening on') && console.log('ready'))
    c.stdout.on('data', (d) => console.log('' + d))
    process.on('exit', () => c.kill())`
  await using heard = await runHelper(await pathOf(engine, 'box'), capture)
  await docker.ok('network', 'connect', '--ip', '10.8.0.9', '--ip6', 'fd00:8::9', 'net', 'box')
  const wanted = [
    /eth1 +Out ARP, Request who-has 10\.8\.0\.9 /,
    /eth1 +Out IP6 .* > ff02::1: .*neighbor advertisement, tgt is fd00:8::9/,
  ]
  const missing = async () => wanted.filter((one) => !one.test(heard.output)).map(String)
  await eventually(missing, []).catch((error: unknown) => assert.fail(`${error}\n${heard.output}`))
  heard.child.stdin!.end() // it takes tcpdump with it
  await once(heard.child, 'close')
})
