import assert from 'node:assert/strict'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { rawHttp } from '../support/raw-http.ts'

/** What a create answers: status and message. */
async function create({ daemon }: Engine, hostConfig: object, config: object = {}): Promise<[number, string]> {
  const body = { Image: 'busybox', ...config, HostConfig: hostConfig }
  const { status, json } = await rawHttp(daemon.socket)('POST', '/v1.51/containers/create', body)
  return [status, json.message ?? 'created']
}

engineTest(
  'container:, host and none refuse what contradicts them, with the codes and words of Docker',
  async (engine) => {
    const { docker, daemon } = engine
    await docker.ok('run', '-di', '--name', 'donor', 'busybox')
    const joined = { NetworkMode: 'container:donor' }
    const conflict = (what: string) => [400, `conflicting options: ${what} and the network mode`]
    assert.deepEqual(await create(engine, { NetworkMode: 'container:' }), [
      400,
      'invalid network mode: invalid container format container:<name|id>',
    ])
    assert.deepEqual(await create(engine, joined, { Hostname: 'x' }), conflict('hostname'))
    assert.deepEqual(await create(engine, { ...joined, Dns: ['192.0.2.1'] }), conflict('dns'))
    assert.deepEqual(
      await create(engine, { ...joined, ExtraHosts: ['a:192.0.2.1'] }),
      conflict('custom host-to-IP mapping'),
    )
    const typed = 'the container type network mode'
    assert.deepEqual(await create(engine, { ...joined, PublishAllPorts: true }), [
      400,
      `conflicting options: port publishing and ${typed}`,
    ])
    assert.deepEqual(await create(engine, { ...joined, PortBindings: { '80/tcp': [{ HostPort: '80' }] } }), [
      400,
      `conflicting options: port publishing and ${typed}`,
    ])
    assert.deepEqual(await create(engine, joined, { ExposedPorts: { '80/tcp': {} } }), [
      400,
      `conflicting options: port exposing and ${typed}`,
    ])
    const undefinedBehaviour = "can't be used with links. This would result in undefined behavior"
    assert.deepEqual(await create(engine, { ...joined, Links: ['donor:d'] }), [
      400,
      `conflicting options: container type network ${undefinedBehaviour}`,
    ])
    assert.deepEqual(await create(engine, { NetworkMode: 'host', Links: ['donor:d'] }), [
      400,
      `conflicting options: host type networking ${undefinedBehaviour}`,
    ])
    assert.deepEqual(await create(engine, { UTSMode: 'host' }, { Hostname: 'x' }), [
      400,
      'conflicting options: hostname and the UTS mode',
    ])

    await docker.ok('network', 'create', 'net')
    await docker.ok('run', '-di', '--name', 'joiner', '--network', 'container:donor', 'busybox')
    await docker.ok('run', '-di', '--name', 'alone', '--network', 'none', 'busybox')
    await docker.ok('run', '-di', '--name', 'inhost', '--network', 'host', 'busybox')
    const http = rawHttp(daemon.socket)
    const attach = async (verb: string, network: string, Container: string) => {
      const { status, json } = await http('POST', `/v1.51/networks/${network}/${verb}`, { Container })
      return [status, json?.message]
    }
    const shared =
      'container sharing network namespace with another container or host cannot be connected to any other network'
    assert.deepEqual(await attach('connect', 'net', 'joiner'), [400, shared])
    assert.deepEqual(await attach('connect', 'net', 'inhost'), [400, shared])
    assert.deepEqual(await attach('connect', 'net', 'alone'), [
      400,
      'container cannot be connected to multiple networks with one of the networks in private (none) mode',
    ])
    assert.deepEqual(await attach('connect', 'none', 'donor'), [
      400,
      'container cannot be connected to multiple networks with one of the networks in private (none) mode',
    ])
    assert.deepEqual(await attach('connect', 'host', 'donor'), [
      400,
      'cannot connect container to host network - container must be created in host network mode',
    ])
    assert.deepEqual(await attach('disconnect', 'host', 'inhost'), [
      400,
      'cannot disconnect container from host network - container was created in host network mode',
    ])
    const published = await docker.run(['create', '--network', 'host', '-p', '80:80', 'busybox'])
    assert.match(published.stderr, /WARNING: Published ports are discarded when using host network mode/)
  },
)

engineTest('a joiner starts only beside a donor that runs, and never beside itself', async (engine) => {
  const { docker, daemon } = engine
  const http = rawHttp(daemon.socket)
  const start = async (name: string) => {
    const { status, json } = await http('POST', `/v1.51/containers/${name}/start`)
    return [status, json?.message]
  }
  await docker.ok('create', '-i', '--name', 'donor', 'busybox')
  await docker.ok('create', '-i', '--name', 'joiner', '--network', 'container:donor', 'busybox')
  const words = 'cannot join network namespace of a non running container: container donor is '
  assert.deepEqual(await start('joiner'), [409, `${words}created`])
  await docker.ok('start', 'donor', 'joiner')
  await docker.ok('rm', '-f', 'donor', 'joiner')
  const donor = await docker.ok('create', '-i', '--name', 'donor', 'busybox')
  await docker.ok('create', '-i', '--name', 'joiner', '--network', 'container:donor', 'busybox')
  await docker.ok('rm', 'donor')
  assert.deepEqual(await start('joiner'), [500, `joining network namespace of container: No such container: ${donor}`])
})

engineTest(
  'a private namespace lets everybody use low ports and ping, and -p is nothing where nothing can be published',
  async (engine) => {
    const { docker, sh } = engine
    await docker.ok('network', 'create', '--internal', 'inner')
    const read = 'cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/net/ipv4/ping_group_range'
    assert.deepEqual((await docker.ok('run', '--rm', '-u', '65534', 'busybox', 'sh', '-c', read)).split(/\s+/), [
      '0',
      '0',
      '2147483647',
    ])
    for (const network of ['inner', 'none', 'host']) {
      await docker.ok('run', '-di', '--name', network, '--network', network, '-p', '8080:80', 'busybox')
      assert.equal(await docker.ok('port', network), '', network)
    }
    const http = rawHttp(engine.daemon.socket)
    const off = { Image: 'busybox', OpenStdin: true, NetworkDisabled: true }
    assert.equal((await http('POST', '/containers/create?name=off', off)).status, 201)
    await docker.ok('start', 'off')
    assert.equal(await docker.ok('inspect', '-f', '{{json .NetworkSettings.Networks}}', 'off'), '{}')
    assert.equal((await sh('off', 'ls /sys/class/net')).stdout, 'lo\n')
    await docker.ok('run', '-di', '--name', 'web', '-u', '65534', 'busybox')
    assert.equal((await sh('web', 'httpd -p 80 -h /tmp')).code, 0, 'as nobody')
  },
)
