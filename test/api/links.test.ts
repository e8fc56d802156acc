import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'

engineTest('run --link on the default network: the name is in hosts, the rest in variables', async ({ docker }) => {
  await docker.ok('run', '-di', '--name', 'db', '--expose', '5432', '-e', 'VERSION=9', 'busybox')
  await docker.ok('run', '-di', '--name', 'web', '--link', 'db:store', 'busybox')
  const address = await docker.ok('inspect', '-f', '{{.NetworkSettings.Networks.bridge.IPAddress}}', 'db')
  const hosts = await docker.ok('exec', 'web', 'cat', '/etc/hosts')
  assert.match(hosts, new RegExp(`^${address.replaceAll('.', '\\.')}\tstore [0-9a-f]{12} db$`, 'm'))
  assert.match(await docker.ok('exec', 'web', 'ping', '-c1', '-W2', 'store'), / 0% packet loss/)
  const lines = (await docker.ok('run', '--rm', '--name', 'once', '--link', 'db:store', 'busybox', 'env')).split('\n')
  assert.deepEqual(lines.filter((line) => line.startsWith('STORE_')).sort(), [
    'STORE_ENV_VERSION=9',
    'STORE_NAME=/once/store',
    `STORE_PORT=tcp://${address}:5432`,
    `STORE_PORT_5432_TCP=tcp://${address}:5432`,
    `STORE_PORT_5432_TCP_ADDR=${address}`,
    'STORE_PORT_5432_TCP_PORT=5432',
    'STORE_PORT_5432_TCP_PROTO=tcp',
  ])
})

engineTest(
  'exec has the variables of links as they are now, and is refused when the other container has ended',
  async (e) => {
    const { docker } = e
    const addressOf = (name: string) =>
      docker.ok('inspect', '-f', '{{.NetworkSettings.Networks.bridge.IPAddress}}', name)
    await docker.ok('run', '-di', '--name', 'db', '--expose', '5432', 'busybox')
    await docker.ok('run', '-di', '--name', 'web', '--link', 'db', '-e', 'DB_NAME=mine', 'busybox')
    const variables = async () => {
      const lines = (await docker.ok('exec', 'web', 'env')).split('\n')
      return lines.filter((line) => /^DB_(PORT_5432_TCP_ADDR|NAME)=/.test(line)).sort()
    }
    const first = await addressOf('db')
    assert.deepEqual(await variables(), ['DB_NAME=mine', `DB_PORT_5432_TCP_ADDR=${first}`])
    await docker.ok('stop', '-t0', 'db')
    const refusal = await docker.run(['exec', 'web', 'true'])
    assert.notEqual(refusal.code, 0)
    assert.match(refusal.stderr, /Cannot link to a non running container: \/db AS \/web\/db/)
    await docker.ok('run', '-di', '--name', 'guest', 'busybox')
    await docker.ok('start', 'db')
    assert.notEqual(await addressOf('db'), first)
    assert.deepEqual(await variables(), ['DB_NAME=mine', `DB_PORT_5432_TCP_ADDR=${await addressOf('db')}`])
    assert.match(await docker.ok('exec', 'web', 'ping', '-c1', '-W2', 'db'), / 0% packet loss/)
  },
)

engineTest(
  'create --link to nobody, or to who lives on the host, is refused at once with 400',
  async ({ docker, api }) => {
    await docker.ok('create', '--name', 'hosted', '--network', 'host', 'busybox')
    const refused = async (Links: string[], NetworkMode = 'default') =>
      await api.createContainer({ Image: 'busybox', HostConfig: { Links, NetworkMode } }).then(
        () => 'taken',
        ({ statusCode, json }: { statusCode: number; json: { message: string } }) => `${statusCode} ${json.message}`,
      )
    assert.deepEqual(
      [await refused(['nobody:n']), await refused(['hosted']), (await docker.ok('ps', '-aq')).split('\n').length],
      [
        '400 could not get container for nobody: No such container: nobody',
        "400 conflicting options: host type networking can't be used with links. This would result in undefined behavior",
        1,
      ],
    )
    const cli = await docker.run(['run', '--rm', '--link', 'nobody', 'busybox', 'true'])
    assert.match(cli.stderr, /could not get container for nobody: No such container: nobody/)
    await docker.ok('network', 'create', 'mine')
    assert.equal(await refused(['nobody:n'], 'mine'), 'taken')
  },
)

engineTest(
  'with icc off a linker reaches the port that the other container exposes, by its name, and nobody else does',
  async ({ docker, sh }) => {
    const server = 'while :; do echo hello | nc -l -p 80; done & while :; do echo secret | nc -l -p 81; done'
    await docker.ok('run', '-d', '--name', 'web', '--expose', '80', 'busybox', 'sh', '-c', server)
    await docker.ok('run', '-di', '--name', 'app', '--link', 'web:w', 'busybox')
    await docker.ok('run', '-di', '--name', 'other', 'busybox')
    const address = await docker.ok('inspect', '-f', '{{.NetworkSettings.Networks.bridge.IPAddress}}', 'web')
    const said = async (from: string, to: string, port: number) =>
      (await sh(from, `nc -w 2 ${to} ${port} </dev/null`)).stdout.trim()
    assert.deepEqual(
      [await said('app', 'w', 80), await said('app', 'w', 81), await said('other', address, 80)],
      ['hello', '', ''],
    )
  },
  { config: { icc: false } },
)

engineTest('run --link to a container that does not run is refused with Docker’s words', async ({ docker }) => {
  await docker.ok('create', '--name', 'idle', 'busybox')
  const refusal = await docker.run(['run', '--name', 'lost', '--link', 'idle', 'busybox', 'true'])
  assert.notEqual(refusal.code, 0)
  assert.match(refusal.stderr, /Cannot link to a non running container: \/idle AS \/lost\/idle/)
  await docker.ok('network', 'create', 'net')
  await docker.ok('run', '-di', '--name', 'away', '--network', 'net', 'busybox')
  const stranger = await docker.run(['run', '--link', 'away', 'busybox', 'true'])
  assert.match(stranger.stderr, /Cannot link to \/away, as it does not belong to the default network/)
})

engineTest(
  'a link stays when the other container gets another name, and goes when that is removed',
  async ({ docker }) => {
    await docker.ok('run', '-di', '--name', 'db', '--expose', '5432', 'busybox')
    await docker.ok('run', '-di', '--name', 'web', '--link', 'db:store', 'busybox')
    const links = () => docker.ok('inspect', '-f', '{{json .HostConfig.Links}}', 'web')
    assert.equal(await links(), '["/db:/web/store"]')
    await docker.ok('rename', 'db', 'data')
    assert.equal(await links(), '["/data:/web/store"]')
    assert.match(await docker.ok('exec', 'web', 'ping', '-c1', '-W2', 'store'), / 0% packet loss/)
    await docker.ok('restart', '-t0', 'web')
    assert.match(await docker.ok('exec', 'web', 'ping', '-c1', '-W2', 'store'), / 0% packet loss/)
    await docker.ok('rm', '-f', 'data')
    assert.equal(await links(), 'null')
    await docker.ok('restart', '-t0', 'web')
    assert.doesNotMatch(await docker.ok('exec', 'web', 'env'), /STORE/)
  },
)

engineTest('on a user-defined network a link is to whoever has the name now', async ({ docker }) => {
  await docker.ok('network', 'create', 'net')
  await docker.ok('run', '-di', '--name', 'one', '--network', 'net', 'busybox')
  await docker.ok('run', '-di', '--name', 'web', '--network', 'net', '--link', 'db:store', 'busybox')
  const finds = async (name: string) => (await docker.run(['exec', name, 'nslookup', 'store', '127.0.0.11'])).code === 0
  assert.equal(await finds('web'), false, 'nobody is called so')
  await docker.ok('rename', 'one', 'db')
  assert.equal(await finds('web'), true)
  await docker.ok('rename', 'db', 'one')
  assert.equal(await finds('web'), false)
  await docker.ok('rename', 'web', 'db')
  assert.equal(await finds('db'), true, 'itself')
})
