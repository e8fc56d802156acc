import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'
import { fetchFrom, fetchIn, serve } from '../support/web.ts'

engineTest('joiners keep their network while the donor restarts, and see its servers again', async (engine) => {
  const { docker, wharf, sh, host, daemon } = engine
  await docker.ok('network', 'create', 'net')
  await docker.ok('run', '-di', '--name', 'donor', '--network', 'net', '-p', '8080:80', 'busybox')
  await docker.ok('run', '-di', '--name', 'joined', '--network', 'container:donor', 'busybox')
  await docker.ok('run', '-di', '--name', 'asker', '--network', 'net', 'busybox')
  const interfaces = async (name: string) =>
    (await sh(name, 'ip -o -4 addr show scope global; cat /sys/class/net/eth*/address')).stdout
  const reach = async () => [
    await fetchIn(engine, 'joined', 'http://127.0.0.1/'),
    await fetchFrom(host, 'http://127.0.0.1:8080/'),
    await fetchIn(engine, 'asker', 'http://donor/'),
  ]
  const before = await interfaces('joined')
  assert.match(before, /eth0/)
  await serve(engine, 'donor', 'first')
  assert.deepEqual(await reach(), Array(3).fill('first'))

  await docker.ok('restart', '-t', '0', 'donor')
  assert.deepEqual([await interfaces('joined'), await interfaces('donor')], [before, before])
  await serve(engine, 'donor', 'second')
  assert.deepEqual(await reach(), Array(3).fill('second'))

  await docker.ok('stop', '-t', '0', 'donor')
  assert.equal(await interfaces('joined'), before, 'while the donor is stopped')
  await serve(engine, 'joined', 'third')
  assert.deepEqual(await reach(), Array(3).fill('third'))
  await wharf.ok('port', 'add', 'donor', '8081:80')
  await docker.ok('network', 'connect', 'bridge', 'donor')
  const more = await interfaces('joined')
  assert.match(more, /eth1/)
  await daemon.kill9()
  await daemon.start()
  assert.deepEqual(await reach(), Array(3).fill('third'), 'after a restart of the daemon')
  await docker.ok('start', 'donor')
  assert.deepEqual([await interfaces('joined'), await interfaces('donor')], [more, more])
  assert.equal(await fetchFrom(host, 'http://127.0.0.1:8081/'), 'third')
})

engineTest('the network of an ended donor goes with the last joiner, or with the donor itself', async (engine) => {
  const { docker, host } = engine
  const cables = async () => (await host.ip('link', 'show', 'type', 'veth')).length
  const start = async () => {
    await docker.ok('run', '-di', '--name', 'donor', '-p', '8080:80', 'busybox')
    await docker.ok('run', '-di', '--name', 'joined', '--network', 'container:donor', 'busybox')
  }
  const gone = async () => {
    for (let left = 500; (await cables()) > 0; left--) assert.ok(left > 0, 'the cable stays')
    assert.equal(await fetchFrom(host, 'http://127.0.0.1:8080/'), 'curl: 7')
    const [network] = JSON.parse(await docker.ok('network', 'inspect', 'bridge'))
    assert.deepEqual(network.Containers, {})
  }
  await start()
  await docker.ok('stop', '-t', '0', 'donor')
  assert.equal(await cables(), 1)
  await docker.ok('stop', '-t', '0', 'joined')
  await gone()
  await docker.ok('rm', 'donor', 'joined')

  await start()
  await docker.ok('rm', '-f', 'donor')
  await gone()
  await docker.ok('run', '-di', '--name', 'next', '-p', '8080:80', 'busybox')
})
