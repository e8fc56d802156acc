import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Transport } from '../../src/client/transport.ts'
import type { PortReachAnswer, PortReachView } from '../../src/protocol/port.ts'
import { type Engine, withEngine } from '../support/engine-test.ts'
import { createHost, type Host } from '../support/host.ts'
import { createLan } from '../support/hosts.ts'
import { fetchFrom, fetchIn, serve } from '../support/web.ts'

const needsRoot = process.getuid?.() === 0 ? false : 'needs root'

/** A container on the default network with ports for everybody, for this host and for containers, and another one. */
async function publish(engine: Engine, ...more: string[]): Promise<void> {
  const { docker } = engine
  await docker.ok('run', '-di', '--name', 'other', 'busybox')
  const ports = ['8080:80', '127.0.0.1:8081:80', '172.17.0.1:8082:80', ...more].flatMap((port) => ['-p', port])
  await docker.ok('run', '-di', '--name', 'web', ...ports, 'busybox')
  await serve(engine, 'web', 'served')
}

async function reachOf({ daemon }: Engine, container: string): Promise<readonly PortReachView[]> {
  const transport = new Transport(`unix://${daemon.socket}`)
  return (await transport.json<PortReachAnswer>({ method: 'GET', path: `/wharf/containers/${container}/ports` })).Ports
}

/** Tries each port from everywhere, and compares with what is said of it. IPv6 is left out: the wire has none. */
async function compareWithTraffic(engine: Engine, neighbour: Host, said: readonly PortReachView[]): Promise<void> {
  const isServed = (answer: string) => answer === 'served'
  for (const { HostIp, HostPort, Host, Containers, Outside } of said.filter(({ HostIp: ip }) => !ip.includes(':'))) {
    const own = HostIp === '0.0.0.0' ? '127.0.0.1' : HostIp
    const gateway = HostIp === '0.0.0.0' ? '172.17.0.1' : HostIp
    const lan = HostIp === '0.0.0.0' ? '192.0.2.1' : HostIp
    const [host, containers, outside] = await Promise.all([
      fetchFrom(engine.host, `http://${own}:${HostPort}/`),
      fetchIn(engine, 'other', `http://${gateway}:${HostPort}/`),
      fetchFrom(neighbour, `http://${lan}:${HostPort}/`),
    ])
    assert.deepEqual(
      { host: isServed(host), containers: isServed(containers), outside: isServed(outside) },
      { host: Host, containers: Containers, outside: Outside.includes(`192.0.2.1:${HostPort}`) },
      HostPort,
    )
  }
}

test('what is said of a published port is what traffic finds, also with a firewall of others', {
  skip: needsRoot,
  timeout: 120_000,
}, async () => {
  using lan = createLan(2)
  const [host, neighbour] = lan.hosts as [Host, Host]
  await withEngine(host, {}, async (engine) => {
    await publish(engine, '9000-9002:9000-9002')
    const before = await reachOf(engine, 'web')
    await compareWithTraffic(
      engine,
      neighbour,
      before.filter(({ HostPort }) => HostPort.startsWith('8')),
    )
    assert.deepEqual(
      before
        .filter(({ HostIp }) => HostIp === '0.0.0.0')
        .map(({ Port, HostPort, Outside }) => [Port, HostPort, Outside]),
      [
        ['80/tcp', '8080', ['192.0.2.1:8080']],
        ['9000-9002/tcp', '9000-9002', ['192.0.2.1:9000']],
      ],
    )
    const text = await engine.wharf.ok('port', '--reach', 'web', '80')
    assert.match(text, /^80\/tcp -> 0\.0\.0\.0:8080: from this host, containers, outside at 192\.0\.2\.1:8080$/m)
    assert.match(text, /^80\/tcp -> 127\.0\.0\.1:8081: from this host only \(published on 127\.0\.0\.1\)$/m)
    const unknown = await engine.wharf.run(['port', '--reach', 'web', '81'])
    assert.deepEqual([unknown.code, unknown.stderr.trim()], [1, "Error: No public port '81' published for web"])

    const table =
      'add table inet strict; add chain inet strict through { type filter hook forward priority 0; policy drop; }'
    await host.execOk('nft', [table])
    const after = await reachOf(engine, 'web')
    await compareWithTraffic(
      engine,
      neighbour,
      after.filter(({ HostPort }) => HostPort.startsWith('8')),
    )
    assert.equal(after[0]?.Why, 'inet strict through drops what is forwarded')

    await engine.docker.ok('stop', '-t', '0', 'web')
    assert.deepEqual(await reachOf(engine, 'web'), [])
  })
})

test('what is said of a published port is what traffic finds where INPUT rules decide, or nothing leads outside', {
  skip: needsRoot,
  timeout: 120_000,
}, async () => {
  using lan = createLan(2)
  const [host, neighbour] = lan.hosts as [Host, Host]
  await withEngine(host, { config: { 'published-ports-obey-input': true } }, async (engine) => {
    const { docker } = engine
    await publish(engine)
    const open = await reachOf(engine, 'web')
    assert.match(open[0]!.Why, /as far as INPUT rules of this host let it through/)
    await compareWithTraffic(engine, neighbour, open)

    const table =
      'add table inet strict; add chain inet strict input { type filter hook input priority 0; policy drop; }'
    const loopback = 'add rule inet strict input iifname "lo" accept'
    await host.execOk('nft', [table])
    const closed = await reachOf(engine, 'web')
    assert.equal(closed[0]?.Why, 'inet strict input drops what is delivered to this host')
    assert.deepEqual(closed[0]?.Outside, [])
    await host.execOk('nft', [loopback])
    assert.match((await reachOf(engine, 'web'))[0]!.Why, /^as far as inet strict input lets it through$/)

    await docker.ok('network', 'create', '--internal', 'inner')
    await docker.ok('run', '-di', '--name', 'hidden', '--network', 'inner', '-p', '8090:80', 'busybox')
    const [hidden] = await reachOf(engine, 'hidden')
    assert.deepEqual([hidden?.Host, hidden?.Containers, hidden?.Outside], [false, false, []])
    assert.equal(hidden?.Why, 'none of its networks leads outside')
    assert.equal(await fetchFrom(host, 'http://127.0.0.1:8090/'), 'curl: 7')
  })
})

test('ps, port and inspect of our own client say from where ports are reached, where asked to', {
  skip: needsRoot,
  timeout: 120_000,
}, async () => {
  using host = createHost()
  await withEngine(host, {}, async ({ docker, wharf }) => {
    await docker.ok('run', '-di', '--name', 'web', '-p', '127.0.0.1:8081:80', 'busybox')
    await docker.ok('run', '-di', '--name', 'shy', 'busybox')
    const said = '80/tcp -> 127.0.0.1:8081: from this host only'
    assert.ok((await wharf.ok('port', '--reach', 'web')).startsWith(said))
    assert.match(await wharf.ok('ps', '--reach'), /REACH *\n[\s\S]*80\/tcp -> 127\.0\.0\.1:8081: from this host only/)
    assert.doesNotMatch(await wharf.ok('ps'), /REACH/)
    const rows = (await wharf.ok('ps', '--format', '{{.Names}}={{.Reach}}')).split('\n').sort()
    assert.equal(rows[0], 'shy=')
    assert.match(rows[1] ?? '', /^web=80\/tcp -> 127\.0\.0\.1:8081: from this host only/)
    for (const words of [['inspect'], ['container', 'inspect']]) {
      const [{ NetworkSettings }] = JSON.parse(await wharf.ok(...words, '--reach', 'web'))
      assert.deepEqual([NetworkSettings.Reach[0].Host, NetworkSettings.Reach[0].Outside], [true, []])
    }
  })
})
