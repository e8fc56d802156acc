import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'
import { fetchFrom, serve } from '../support/web.ts'

engineTest(
  'a restart publishes again at once, also by the proxy whose connections have only just ended',
  async (engine) => {
    const { docker, host } = engine
    await docker.ok('run', '-di', '--name', 'web', '-p', '8080:80', '--stop-timeout', '0', 'busybox')
    for (const round of ['first', 'second', 'third']) {
      await serve(engine, 'web', round)
      // By IPv6 the container is reached through the proxy: the end of its connection stays in TIME_WAIT.
      for (const address of ['[::1]', '127.0.0.1']) {
        assert.equal(await fetchFrom(host, `http://${address}:8080/`), round, address)
      }
      await docker.ok('restart', 'web')
    }
  },
  { config: { 'userland-proxy': true } },
)

engineTest('a container port is on any address and on single ones, each on a port of its own', async (engine) => {
  const { docker, host } = engine
  const words = [
    '-p',
    '80',
    '-p',
    '127.0.0.1::80',
    '-p',
    '[::1]::80',
    '-p',
    '127.0.0.1:8080:80',
    '-p',
    '172.17.0.1:8080:80',
  ]
  await docker.ok('run', '-di', '--name', 'web', ...words, 'busybox')
  await serve(engine, 'web', 'hello')
  const places = (await docker.ok('port', 'web')).split('\n').map((line) => line.replace('80/tcp -> ', ''))
  assert.equal(places.length, 6, places.join(' '))
  for (const place of places) {
    const url = `http://${place.replace('0.0.0.0', '127.0.0.1').replace('[::]', '[::1]')}/`
    assert.equal(await fetchFrom(host, url), 'hello', place)
  }
})
