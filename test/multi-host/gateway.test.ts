import assert from 'node:assert/strict'
import { clusterTest } from '../support/cluster-test.ts'

clusterTest('a container on an overlay network alone has its way out and its ports by docker_gwbridge', async (s) => {
  const { docker, sh } = s.engines[0]!
  await docker.ok('network', 'create', '-d', 'overlay', 'shared')
  const id = await docker.ok('run', '-di', '--name', 'web', '-p', '8080:80', '--network', 'shared', 'busybox')
  const [container] = JSON.parse(await docker.ok('inspect', 'web'))
  assert.deepEqual(Object.keys(container.NetworkSettings.Networks), ['shared'])
  assert.equal(container.NetworkSettings.Networks.shared.Gateway, '')
  assert.equal(container.NetworkSettings.Ports['80/tcp'][0].HostPort, '8080')
  const [network] = JSON.parse(await docker.ok('network', 'inspect', 'docker_gwbridge'))
  assert.deepEqual(
    Object.entries<{ Name: string }>(network.Containers).map(([key, { Name }]) => [key, Name]),
    [[id, `gateway_${id.slice(0, 12)}`]],
  )
  assert.equal(network.Options['com.docker.network.bridge.enable_icc'], 'false')
  assert.match((await sh('web', 'ip route')).stdout, /default via \S+ dev eth1/)
  await docker.ok('exec', 'web', 'sh', '-c', 'echo hello > /tmp/index.html; httpd -p 80 -h /tmp')
  const url = `http://${s.addresses[0]}:8080/index.html`
  assert.equal(await s.engines[1]!.host.execOk('curl', ['--noproxy', '*', '-sm', '5', url]), 'hello')
  assert.match((await docker.run(['network', 'rm', 'docker_gwbridge'])).stderr, /has active endpoints/)
  await docker.ok('rm', '-f', 'web')
  await docker.ok('network', 'rm', 'docker_gwbridge')
})
