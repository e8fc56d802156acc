import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { engineTest, withEngine } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { createLan } from '../support/hosts.ts'
import { askUdp, fetchFrom, fetchIn, httpWhoami, serve, udpEcho } from '../support/web.ts'

const needsRoot = process.getuid?.() === 0 ? false : 'needs root'

for (const userlandProxy of [false, true]) {
  const title = `run -p is reached from everywhere${userlandProxy ? ', with userland-proxy: true as well' : ''}`
  test(title, { skip: needsRoot, timeout: 150_000 }, async () => {
    using lan = createLan(2)
    const [host, neighbour] = lan.hosts as [(typeof lan.hosts)[0], (typeof lan.hosts)[0]]
    await withEngine(host, { config: { 'userland-proxy': userlandProxy } }, async (engine) => {
      const { docker } = engine
      await docker.ok('run', '-di', '--name', 'web', '-p', '10080:80', 'busybox')
      await docker.ok('run', '-di', '--name', 'other', 'busybox')
      await docker.ok('network', 'create', 'net')
      await docker.ok('run', '-di', '--name', 'elsewhere', '--network', 'net', 'busybox')
      await serve(engine, 'web', 'published')

      assert.deepEqual(
        {
          neighbour: await fetchFrom(neighbour, `http://${lan.addresses[0]}:10080/`),
          loopback: await fetchFrom(host, 'http://127.0.0.1:10080/'),
          ownAddress: await fetchFrom(host, `http://${lan.addresses[0]}:10080/`),
          gateway: await fetchFrom(host, 'http://172.17.0.1:10080/'),
          sameNetwork: await fetchIn(engine, 'other', `http://${lan.addresses[0]}:10080/`),
          otherNetwork: await fetchIn(engine, 'elsewhere', `http://${lan.addresses[0]}:10080/`),
          itself: await fetchIn(engine, 'web', `http://${lan.addresses[0]}:10080/`),
        },
        {
          neighbour: 'published',
          loopback: 'published',
          ownAddress: 'published',
          gateway: 'published',
          sameNetwork: 'published',
          otherNetwork: 'published',
          itself: 'published',
        },
      )
      assert.match(await docker.ok('port', 'web'), /^80\/tcp -> 0\.0\.0\.0:10080$/m)
      assert.match(await docker.ok('ps', '--format', '{{.Names}} {{.Ports}}'), /web 0\.0\.0\.0:10080->80\/tcp/)

      await docker.ok('rm', '-f', 'web')
      assert.equal(await fetchFrom(host, 'http://127.0.0.1:10080/'), 'curl: 7', 'withdrawn with its container')
      assert.equal(await fetchFrom(neighbour, `http://${lan.addresses[0]}:10080/`), 'curl: 7')
    })
  })
}

test('outbound traffic of a container leaves with the address of the host', {
  skip: needsRoot,
  timeout: 150_000,
}, async () => {
  using lan = createLan(2)
  const [host, neighbour] = lan.hosts as [(typeof lan.hosts)[0], (typeof lan.hosts)[0]]
  await using _server = await httpWhoami(neighbour.namespace.path, lan.addresses[1]!, 8000)
  await withEngine(host, {}, async (engine) => {
    await engine.docker.ok('network', 'create', 'net')
    await engine.docker.ok('run', '-di', '--name', 'aa', 'busybox')
    await engine.docker.ok('run', '-di', '--name', 'bb', '--network', 'net', 'busybox')
    for (const name of ['aa', 'bb']) {
      assert.equal(await fetchIn(engine, name, `http://${lan.addresses[1]}:8000/`), lan.addresses[0])
    }
    await engine.docker.ok('network', 'create', '--internal', 'inner')
    await engine.docker.ok('run', '-di', '--name', 'cc', '--network', 'inner', 'busybox')
    assert.match(await fetchIn(engine, 'cc', `http://${lan.addresses[1]}:8000/`), /unreachable/)
  })
})

engineTest('a published port shows the server who asks', async (engine) => {
  const { docker, host } = engine
  await docker.ok('run', '-di', '--name', 'web', '-p', '127.0.0.1:10081:8000', 'busybox')
  const path = await docker.ok('inspect', '-f', '{{.NetworkSettings.SandboxKey}}', 'web')
  await using _server = await httpWhoami(path, '0.0.0.0', 8000)
  assert.equal(await fetchFrom(host, 'http://127.0.0.1:10081/'), '172.17.0.1')
  assert.equal(await fetchFrom(host, 'http://172.17.0.1:10081/'), 'curl: 7', 'only on the address it was published on')
})

engineTest('-p takes udp, ranges, random ports and -P', async (engine) => {
  const { docker, host } = engine
  await docker.ok('run', '-di', '--name', 'udp', '-p', '5353:5353/udp', 'busybox')
  const path = await docker.ok('inspect', '-f', '{{.NetworkSettings.SandboxKey}}', 'udp')
  await using _echo = await udpEcho(path, 5353)
  assert.match(await askUdp(host, '127.0.0.1', 5353, 'hello'), /^172\.17\.0\.1 hello$/)

  await docker.ok('run', '-di', '--name', 'range', '-p', '8000-8003:80-83', 'busybox')
  await serve(engine, 'range', 'third', 82)
  assert.equal(await fetchFrom(host, 'http://127.0.0.1:8002/'), 'third')
  assert.equal((await docker.ok('port', 'range')).split('\n').filter((line) => line.includes('0.0.0.0')).length, 4)

  await docker.ok('run', '-di', '--name', 'random', '-p', '80', 'busybox')
  const [, port] = /0\.0\.0\.0:(\d+)/.exec(await docker.ok('port', 'random', '80/tcp'))!
  await serve(engine, 'random', 'lucky')
  assert.equal(await fetchFrom(host, `http://127.0.0.1:${port}/`), 'lucky')

  await docker.ok('run', '-di', '--name', 'all', '-P', '--expose', '80', '--expose', '81/udp', 'busybox')
  assert.match(await docker.ok('port', 'all'), /80\/tcp -> 0\.0\.0\.0:\d+[\s\S]*81\/udp -> 0\.0\.0\.0:\d+/)

  await docker.ok('run', '-di', '--name', 'first', '-p', '8002-8010:80', 'busybox')
  assert.match(await docker.ok('port', 'first'), /80\/tcp -> 0\.0\.0\.0:8004/, 'the first free one of the range')
})

engineTest('a taken port is refused in the words of Docker and leaves nothing behind', async ({ docker, host }) => {
  await docker.ok('run', '-di', '--name', 'one', '-p', '8080:80', 'busybox')
  const links = (await host.ip('link', 'show')).length
  const second = await docker.run(['run', '-di', '--name', 'two', '-p', '8080:80', 'busybox'])
  assert.equal(second.code, 125)
  assert.match(
    second.stderr,
    /driver failed programming external connectivity on endpoint two \([0-9a-f]+\): Bind for 0\.0\.0\.0:8080 failed: port is already allocated/,
  )
  await eventually(async () => (await host.ip('link', 'show')).length, links)
  const [network] = JSON.parse(await docker.ok('network', 'inspect', 'bridge'))
  assert.equal(Object.keys(network.Containers).length, 1)
  assert.equal(await docker.ok('inspect', '-f', '{{.State.Status}}', 'two'), 'created')

  await using _server = await httpWhoami(host.namespace.path, '0.0.0.0', 8090)
  const third = await docker.run(['run', '-di', '--name', 'three', '-p', '8090:80', 'busybox'])
  assert.equal(third.code, 125)
  assert.match(third.stderr, /failed to bind host port (for )?0\.0\.0\.0:8090.*address already in use/)

  await docker.ok('rm', '-f', 'one')
  await docker.ok('start', 'two')
})

engineTest('-p is ignored on host and none, as Docker does', async ({ docker, host }) => {
  await docker.ok('run', '-di', '--name', 'hh', '--net', 'host', '-p', '8080:80', 'busybox')
  await docker.ok('run', '-di', '--name', 'nn', '--net', 'none', '-p', '8080:80', 'busybox')
  assert.equal(await docker.ok('port', 'hh'), '')
  assert.equal(await fetchFrom(host, 'http://127.0.0.1:8080/'), 'curl: 7')
})

test('on a routed network the container port is open at its own address, and the host port is nobody’s', {
  skip: needsRoot,
  timeout: 150_000,
}, async () => {
  using lan = createLan(2)
  const [host, neighbour] = lan.hosts as [(typeof lan.hosts)[0], (typeof lan.hosts)[0]]
  await withEngine(host, {}, async (engine) => {
    const { docker } = engine
    const routed = 'com.docker.network.bridge.gateway_mode_ipv4=routed'
    await docker.ok('network', 'create', '-o', routed, '--subnet', '10.80.0.0/24', 'routed')
    await docker.ok('run', '-di', '--name', 'web', '--network', 'routed', '-p', '10080:80', 'busybox')
    await serve(engine, 'web', 'routed')
    execFileSync('nsenter', [
      ...[`--net=${neighbour.namespace.path}`, 'ip', 'route', 'add', '10.80.0.0/24', 'via', lan.addresses[0]!],
    ])
    assert.equal(await fetchFrom(neighbour, 'http://10.80.0.2/'), 'routed')
    assert.equal(await fetchFrom(neighbour, `http://${lan.addresses[0]}:10080/`), 'curl: 7')
    assert.equal(await docker.ok('ps', '--format', '{{.Ports}}'), '80/tcp')
    const ports = JSON.parse(await docker.ok('inspect', '-f', '{{json .NetworkSettings.Ports}}', 'web'))
    assert.deepEqual(ports, { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '' }] })
    const isolated = 'com.docker.network.bridge.gateway_mode_ipv4=isolated'
    const refusal = await docker.run(['network', 'create', '-o', isolated, 'cell'])
    assert.match(refusal.stderr, /gateway mode 'isolated' can only be used for an internal network/)
  })
})
