import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { getuid } from 'node:process'
import { test } from 'node:test'
import { withEngine } from '../support/engine-test.ts'
import type { Host } from '../support/host.ts'
import { createLan } from '../support/hosts.ts'
import { fetchFrom, fetchIn, httpWhoami, serve } from '../support/web.ts'

const prefix = 'com.docker.network.bridge.'
const option = (key: string, value: string): string[] => ['-o', `${key.includes('.') ? '' : prefix}${key}=${value}`]

/** What a web server says, or nothing: the wait is for a connection only, which the kernel makes at once or drops. */
async function fetchBriefly(host: Host, url: string): Promise<string> {
  return (await host.exec('curl', ['-sS', '--connect-timeout', '1', '--max-time', '30', url])).stdout.trim()
}

test('what networks and the world outside may do to each other, by option', {
  skip: getuid?.() === 0 ? false : 'needs root',
  timeout: 120_000,
}, async (t) => {
  using lan = createLan(2)
  const [host, neighbour] = lan.hosts as [(typeof lan.hosts)[0], (typeof lan.hosts)[0]]
  const [address, outside] = lan.addresses as [string, string]
  await using _server = await httpWhoami(neighbour.namespace.path, outside, 8000)
  await withEngine(host, {}, async (engine) => {
    const { docker } = engine
    /** A network with a server that publishes one port of two, to which the neighbour knows the way. */
    const make = async (name: string, number: number, ...flags: string[]) => {
      await docker.ok('network', 'create', '--subnet', `10.${number}.0.0/24`, ...flags, name)
      await docker.ok('run', '-di', '--name', name, '--network', name, '-p', `80${number}:80`, 'busybox')
      await serve(engine, name, name)
      await engine.sh(name, 'httpd -p 81 -h /www')
      execFileSync('nsenter', [
        `--net=${neighbour.namespace.path}`,
        'ip',
        'route',
        'add',
        `10.${number}.0.0/24`,
        'via',
        address,
      ])
    }
    const reached = async (number: number) => ({
      published: await fetchFrom(neighbour, `http://${address}:80${number}/`),
      direct: await shortFetch(`http://10.${number}.0.2/`),
      other: await shortFetch(`http://10.${number}.0.2:81/`),
    })
    const shortFetch = async (url: string) => (await fetchBriefly(neighbour, url)) || 'no'
    const seenAs = (name: string) => fetchIn(engine, name, `http://${outside}:8000/`)

    await t.test('gateway mode nat: the published port at the host’s address, nothing at the container’s', async () => {
      await make('nat', 51)
      assert.deepEqual(await reached(51), { published: 'nat', direct: 'no', other: 'no' })
      assert.equal(await seenAs('nat'), address)
    })

    await t.test('gateway mode nat-unprotected: every port at the container’s address as well', async () => {
      await make('open', 52, ...option('gateway_mode_ipv4', 'nat-unprotected'))
      assert.deepEqual(await reached(52), { published: 'open', direct: 'open', other: 'open' })
      assert.equal(await seenAs('open'), address)
    })

    await t.test(
      'gateway mode routed: the published port at the container’s address, which is seen outside',
      async () => {
        await make('routed', 53, ...option('gateway_mode_ipv4', 'routed'))
        assert.deepEqual(await reached(53), { published: 'curl: 7', direct: 'routed', other: 'no' })
        assert.equal(await seenAs('routed'), '10.53.0.2')
        assert.equal((await neighbour.exec('ping', ['-c', '1', '-W', '2', '10.53.0.2'])).code, 0, 'ICMP is open')
      },
    )

    await t.test('trusted_host_interfaces: who comes by them reaches published ports directly', async () => {
      await make('trusted', 54, ...option('trusted_host_interfaces', 'eth0:eth9'))
      assert.deepEqual(await reached(54), { published: 'trusted', direct: 'trusted', other: 'no' })
    })

    await t.test('enable_ip_masquerade=false: containers go out under their own address', async () => {
      await make('unmasked', 55, ...option('enable_ip_masquerade', 'false'))
      assert.equal(await seenAs('unmasked'), '10.55.0.2')
      assert.equal((await reached(55)).published, 'unmasked')
    })

    await t.test('host_ipv4: containers go out under that address', async () => {
      await host.execOk('ip', ['addr', 'add', '192.0.2.77/24', 'dev', 'eth0'])
      await make('sourced', 56, ...option('com.docker.network.host_ipv4', '192.0.2.77'))
      assert.equal(await seenAs('sourced'), '192.0.2.77')
    })

    await t.test('host_ipv6: containers go out under that address, and masquerade is the other way', async () => {
      await host.execOk('sh', ['-c', 'for a in 1 77; do ip addr add 2001:db8::$a/64 dev eth0 nodad; done'])
      await neighbour.execOk('ip', ['addr', 'add', '2001:db8::2/64', 'dev', 'eth0', 'nodad'])
      await using _six = await httpWhoami(neighbour.namespace.path, '2001:db8::2', 8006)
      const source = option('com.docker.network.host_ipv6', '2001:db8::77')
      await docker.ok('network', 'create', '--ipv6', '--subnet', 'fd57::/64', ...source, 'sourced6')
      await docker.ok('run', '-di', '--name', 'six', '--network', 'sourced6', 'busybox')
      await docker.ok('network', 'create', '--ipv6', '--subnet', 'fd58::/64', 'masked6')
      await docker.ok('run', '-di', '--name', 'seven', '--network', 'masked6', 'busybox')
      const ask = (name: string) => fetchIn(engine, name, 'http://[2001:db8::2]:8006/')
      assert.equal(await ask('six'), '2001:db8::77')
      assert.match(await ask('seven'), /^2001:db8::(1|77)$/)
    })
  })
})

test('allow-direct-routing: published ports, and no others, at the containers’ own addresses', {
  skip: getuid?.() === 0 ? false : 'needs root',
  timeout: 150_000,
}, async () => {
  using lan = createLan(2)
  const [host, neighbour] = lan.hosts as [(typeof lan.hosts)[0], (typeof lan.hosts)[0]]
  const via = ['route', 'add', '172.17.0.0/16', 'via', lan.addresses[0]!]
  execFileSync('nsenter', [`--net=${neighbour.namespace.path}`, 'ip', ...via])
  for (const direct of [true, false]) {
    await withEngine(host, { flags: [`--allow-direct-routing=${direct}`] }, async (engine) => {
      await engine.docker.ok('run', '-di', '--name', 'web', '-p', '8080:80', 'busybox')
      await serve(engine, 'web', 'direct')
      await engine.sh('web', 'httpd -p 81 -h /www')
      const reached = async (url: string) => (await fetchBriefly(neighbour, url)) === 'direct'
      assert.deepEqual(
        {
          published: await reached(`http://${lan.addresses[0]}:8080/`),
          own: await reached('http://172.17.0.2/'),
          unpublished: await reached('http://172.17.0.2:81/'),
        },
        { published: true, own: direct, unpublished: false },
      )
    })
  }
})

test('bridge-accept-fwmark: what the administrator marks reaches every port, and nothing else does', {
  skip: getuid?.() === 0 ? false : 'needs root',
  timeout: 150_000,
}, async () => {
  using lan = createLan(2)
  const [host, neighbour] = lan.hosts as [(typeof lan.hosts)[0], (typeof lan.hosts)[0]]
  const via = ['route', 'add', '172.16.0.0/12', 'via', lan.addresses[0]!]
  execFileSync('nsenter', [`--net=${neighbour.namespace.path}`, 'ip', ...via])
  await withEngine(host, { config: { 'bridge-accept-fwmark': '0x100/0xff00' } }, async (engine) => {
    await engine.docker.ok('run', '-di', '--name', 'web', '-p', '8080:80', 'busybox')
    await engine.docker.ok('network', 'create', '--internal', 'inner')
    await engine.docker.ok('run', '-di', '--name', 'inside', '--network', 'inner', 'busybox')
    await serve(engine, 'web', 'marked')
    await serve(engine, 'inside', 'inside', 81)
    await engine.sh('web', 'httpd -p 81 -h /www')
    const get = (url: string) => fetchBriefly(neighbour, url)
    const reached = async () => ({
      published: await get(`http://${lan.addresses[0]}:8080/`),
      unpublished: await get('http://172.17.0.2:81/'),
      internal: await get('http://172.18.0.2:81/'),
    })
    assert.deepEqual(await reached(), { published: 'marked', unpublished: '', internal: '' })
    const hook = 'chain c { type filter hook prerouting priority mangle; tcp dport 81 meta mark set 0x10155; }'
    await host.execOk('nft', [`table ip theirs { ${hook}; }`])
    assert.deepEqual(await reached(), { published: 'marked', unpublished: 'marked', internal: '' })
  })
})
