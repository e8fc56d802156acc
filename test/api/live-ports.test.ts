import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'
import { askUdp, fetchFrom, serve, udpEcho } from '../support/web.ts'

engineTest('ports of a running container come, go, and stay over restarts', async (engine) => {
  const { docker, wharf, host, daemon } = engine
  await docker.ok('run', '-di', '--name', 'web', '-p', '8080:80', 'busybox')
  await serve(engine, 'web', 'here')
  const reached = async (...ports: number[]) => {
    const answers = ports.map((port) => fetchFrom(host, `http://127.0.0.1:${port}/`))
    return (await Promise.all(answers)).map((answer) => answer === 'here')
  }
  assert.equal(
    await wharf.ok('port', 'add', 'web', '8081:80', '127.0.0.1:8082-8083:80'),
    '80/tcp -> 0.0.0.0:8081\n80/tcp -> 127.0.0.1:8082\n80/tcp -> [::]:8081',
  )
  assert.deepEqual(await reached(8080, 8081, 8082), [true, true, true])
  const bindings = async () => JSON.parse(await docker.ok('inspect', '-f', '{{json .HostConfig.PortBindings}}', 'web'))
  assert.deepEqual(await bindings(), {
    '80/tcp': [
      { HostIp: '', HostPort: '8080' },
      { HostIp: '', HostPort: '8081' },
      { HostIp: '127.0.0.1', HostPort: '8082-8083' },
    ],
  })

  await daemon.kill9()
  await daemon.start()
  assert.deepEqual(await reached(8080, 8081, 8082), [true, true, true])
  await docker.ok('restart', '-t', '0', 'web')
  await serve(engine, 'web', 'here')
  assert.deepEqual(await reached(8080, 8081, 8082), [true, true, true])

  await wharf.ok('port', 'rm', 'web', '8081:80')
  assert.deepEqual(await reached(8080, 8081, 8082), [true, false, true])
  await wharf.ok('port', 'rm', 'web', '80')
  assert.deepEqual(await reached(8080, 8082), [false, false])
  assert.deepEqual(await bindings(), {})
  const { code, stderr } = await wharf.run(['port', 'rm', 'web', '80'])
  assert.equal(code, 1)
  assert.match(stderr, /Cannot unpublish "80\/tcp" of container "web": not published/)
})

engineTest(
  'network connect publishes on a network that the container is on, for clients that know no better',
  async (engine) => {
    const { docker, host } = engine
    await docker.ok('network', 'create', 'net')
    await docker.ok('run', '-di', '--name', 'web', '--network', 'net', 'busybox')
    await serve(engine, 'web', 'here')
    await docker.ok('network', 'connect', '--driver-opt', 'wharf.publish=8080:80 5353:5353/udp', 'net', 'web')
    assert.equal(await fetchFrom(host, 'http://127.0.0.1:8080/'), 'here')
    const path = await docker.ok('inspect', '-f', '{{.NetworkSettings.SandboxKey}}', 'web')
    await using _echo = await udpEcho(path, 5353)
    assert.match(await askUdp(host, '127.0.0.1', 5353, 'hello'), / hello$/)
    await docker.ok('network', 'connect', '--driver-opt', 'wharf.unpublish=80', 'net', 'web')
    assert.equal(await fetchFrom(host, 'http://127.0.0.1:8080/'), 'curl: 7')

    const refused = await docker.run(['network', 'connect', '--driver-opt', 'wharf.publish=80', 'bridge', 'web'])
    assert.match(refused.stderr, /container "web": it is not on network "bridge": connect it first/)
    const twice = await docker.run(['network', 'connect', 'net', 'web'])
    assert.match(twice.stderr, /endpoint with name web already exists in network net/)
  },
)

engineTest('ports of a container that does not run are kept for its start, and clash at once', async (engine) => {
  const { docker, wharf, host } = engine
  await docker.ok('create', '-i', '--name', 'web', '-p', '8080:80', 'busybox')
  assert.equal(await wharf.ok('port', 'add', 'web', '8081:80', '9000-9002:9000-9002'), '', 'nothing is bound yet')
  for (const taken of ['8080:81', '127.0.0.1:8081:81', '9001:9001']) {
    const { code, stderr } = await wharf.run(['port', 'add', 'web', '7000:7000', taken])
    assert.deepEqual([code, /Bind for [\d.]+:\d+ failed: port is already allocated/.test(stderr)], [1, true], stderr)
  }
  await docker.ok('start', 'web')
  await serve(engine, 'web', 'here')
  assert.equal(await fetchFrom(host, 'http://127.0.0.1:8081/'), 'here')
  assert.equal(await fetchFrom(host, 'http://127.0.0.1:7000/'), 'curl: 7')

  for (const taken of ['8080:80', '8080:81']) {
    const { code, stderr } = await wharf.run(['port', 'add', 'web', taken])
    assert.deepEqual(
      [code, /Bind for 0\.0\.0\.0:8080 failed: port is already allocated/.test(stderr)],
      [1, true],
      stderr,
    )
  }
  const ports = async () => (await docker.ok('port', 'web')).match(/0\.0\.0\.0:\d+/g)
  const all = await ports()
  for (const [absent, where] of [
    ['9999', ''],
    ['8082:80', ' on port 8082 of the host'],
    ['9000-9009:9000-9009', ' on port 9003 of the host'],
  ] as const) {
    const { code, stderr } = await wharf.run(['port', 'rm', 'web', absent])
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`Cannot unpublish "\\d+/tcp" of container "web": not published${where}`))
  }
  assert.deepEqual(await ports(), all, 'all of them or none')
  await wharf.ok('port', 'rm', 'web', '9000-9002', '8081:80')
  assert.deepEqual(await ports(), ['0.0.0.0:8080'])
})

engineTest(
  'ports that cannot be had are refused, and nothing is left of the others',
  async ({ docker, wharf, host }) => {
    await docker.ok('run', '-di', '--name', 'one', '-p', '8080:80', 'busybox')
    await docker.ok('run', '-di', '--name', 'two', 'busybox')
    const rules = () => host.execOk('nft', ['list', 'table', 'inet', 'wharf'])
    const before = await rules()
    const { code, stderr } = await wharf.run(['port', 'add', 'two', '9000:80', '8080:80'])
    assert.equal(code, 1)
    assert.match(stderr, /endpoint two \([0-9a-f]+\): Bind for 0\.0\.0\.0:8080 failed: port is already allocated/)
    assert.equal(await rules(), before)
    assert.equal(await docker.ok('port', 'two'), '')
    await wharf.ok('port', 'add', 'one', '9000:80')

    await docker.ok('create', '--name', 'joined', '--network', 'container:one', 'busybox')
    await docker.ok('create', '--name', 'hosted', '--network', 'host', 'busybox')
    await docker.ok('create', '--name', 'alone', '--network', 'none', 'busybox')
    for (const [name, why] of [
      ['joined', /it shares the network of another container/],
      ['hosted', /it has the network of the host/],
      ['alone', /it is on no network/],
    ] as const) {
      const refused = await wharf.run(['port', 'add', name, '80'])
      assert.deepEqual([refused.code, why.test(refused.stderr)], [1, true], refused.stderr)
    }
  },
)
