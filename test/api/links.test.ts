import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'

engineTest('run --link on the default network: the name is in hosts, the rest in variables', async ({ docker }) => {
  await docker.ok('run', '-di', '--name', 'db', '--expose', '5432', '-e', 'VERSION=9', 'busybox')
  await docker.ok('run', '-di', '--name', 'web', '--link', 'db:store', 'busybox')
  const address = await docker.ok('inspect', '-f', '{{.NetworkSettings.Networks.bridge.IPAddress}}', 'db')
  const hosts = await docker.ok('exec', 'web', 'cat', '/etc/hosts')
  assert.match(hosts, new RegExp(`^${address.replaceAll('.', '\\.')}\tstore db`, 'm'))
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

engineTest('run --link to a container that does not run is refused with Docker’s words', async ({ docker }) => {
  await docker.ok('create', '--name', 'idle', 'busybox')
  const refusal = await docker.run(['run', '--name', 'lost', '--link', 'idle', 'busybox', 'true'])
  assert.notEqual(refusal.code, 0)
  assert.match(refusal.stderr, /Cannot link to a non running container: \/idle AS \/lost\/idle/)
})
