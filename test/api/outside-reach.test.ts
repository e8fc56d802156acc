import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withEngine } from '../support/engine-test.ts'
import type { Host } from '../support/host.ts'
import { createLan } from '../support/hosts.ts'
import { askUdp, fetchFrom, fetchIn, httpWhoami, serve, udpEcho } from '../support/web.ts'

const needsRoot = process.getuid?.() === 0 ? false : 'needs root'

/** Sends what is for 127.0.0.1 from one host to another, and has the other take it. */
async function routeLoopbackAt(from: Host, to: Host, address: string): Promise<void> {
  for (const host of [from, to]) await host.execOk('sysctl', ['-qw', 'net.ipv4.conf.all.route_localnet=1'])
  await from.execOk('ip', ['link', 'set', 'lo', 'up'])
  await from.execOk('ip', ['address', 'flush', 'dev', 'lo'])
  await from.execOk('ip', ['route', 'add', '127.0.0.0/8', 'via', address])
}

for (const userlandProxy of [false, true]) {
  const proxied = userlandProxy ? ', with userland-proxy: true as well' : ''
  test(`a port published on 127.0.0.1 is out of reach of a neighbour who sends there all the same${proxied}`, {
    skip: needsRoot,
    timeout: 150_000,
  }, async () => {
    using lan = createLan(2)
    const [host, neighbour] = lan.hosts as [Host, Host]
    await withEngine(host, { config: { 'userland-proxy': userlandProxy } }, async (engine) => {
      const { docker } = engine
      const ports = [
        '-p',
        '127.0.0.1:8080:80',
        '-p',
        '127.0.0.1:8081:81',
        '-p',
        '8082:80',
        '-p',
        '127.0.0.1:90-92:90-92',
      ]
      await docker.ok('run', '-di', '--name', 'web', ...ports, 'busybox')
      await serve(engine, 'web', 'published')
      await serve(engine, 'web', 'published', 91)
      await routeLoopbackAt(neighbour, host, lan.addresses[0]!)
      await using _ = await httpWhoami(host.namespace.path, '127.0.0.1', 9000)
      assert.equal(await fetchFrom(neighbour, 'http://127.0.0.1:9000/'), lan.addresses[1], 'the way there is open')
      assert.equal(await fetchFrom(host, 'http://127.0.0.1:8080/'), 'published')
      assert.equal(await fetchFrom(host, 'http://127.0.0.1:91/'), 'published')
      const dropped = [8080, 91].map((port) => fetchFrom(neighbour, `http://127.0.0.1:${port}/`))
      assert.deepEqual(await Promise.all(dropped), ['curl: 28', 'curl: 28'], 'dropped')
      assert.equal(await fetchFrom(neighbour, `http://${lan.addresses[0]}:8082/`), 'published')
      assert.equal(await fetchFrom(neighbour, `http://${lan.addresses[0]}:8080/`), 'curl: 7')
    })
  })
}

/** The administrator's own firewall: what it does with a port of the host. */
async function input(host: Host, rule: string): Promise<void> {
  const commands = [
    'add table inet filter',
    'add chain inet filter input { type filter hook input priority 0; policy accept; }',
    'flush chain inet filter input',
    ...(rule === '' ? [] : [`add rule inet filter input ${rule}`]),
  ]
  await host.execOk('nft', [commands.join('; ')])
}

for (const obeys of [true, false]) {
  const title = obeys
    ? 'published-ports-obey-input: a rule of INPUT closes a published port to the outside, and only to it'
    : 'without published-ports-obey-input a published port does not ask INPUT, as with Docker'
  test(title, { skip: needsRoot, timeout: 150_000 }, async () => {
    using lan = createLan(2)
    const [host, neighbour] = lan.hosts as [Host, Host]
    await withEngine(host, { config: { 'published-ports-obey-input': obeys } }, async (engine) => {
      const { docker } = engine
      await docker.ok('run', '-di', '--name', 'web', '-p', '8080:80', '-p', '5300:5300/udp', 'busybox')
      await docker.ok('run', '-di', '--name', 'other', 'busybox')
      await serve(engine, 'web', 'published')
      const pid = await docker.ok('inspect', '-f', '{{.State.Pid}}', 'web')
      await using _ = await udpEcho(`/proc/${pid.trim()}/ns/net`, 5300)
      const url = `http://${lan.addresses[0]}:8080/`
      const outside = () => fetchFrom(neighbour, url)
      const outsideUdp = async () =>
        (await askUdp(neighbour, lan.addresses[0]!, 5300, 'hello')).trim().split(' ').at(-1)
      assert.deepEqual([await outside(), await outsideUdp()], ['published', 'hello'])

      await input(host, 'iifname "eth0" th dport { 8080, 5300 } drop')
      const dropped = obeys ? ['curl: 28', 'nothing'] : ['published', 'hello']
      assert.deepEqual(await Promise.all([outside(), outsideUdp()]), dropped)
      assert.equal(await fetchFrom(host, 'http://127.0.0.1:8080/'), 'published')
      assert.equal(await fetchIn(engine, 'other', url), 'published')

      await input(host, 'ip saddr 192.0.2.2 accept')
      assert.deepEqual([await outside(), await outsideUdp()], ['published', 'hello'])
    })
  })
}
