import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'

engineTest('containers of a user-defined network reach each other by name', async ({ docker, sh }) => {
  await docker.ok('network', 'create', 'my_net2')
  await docker.ok('run', '-di', '--name', 'bbox1', '--network', 'my_net2', 'busybox')
  await docker.ok('run', '-di', '--name', 'bbox2', '--network', 'my_net2', 'busybox')
  const { code, stdout } = await sh('bbox2', 'ping -c 3 bbox1')
  assert.equal(code, 0, stdout)
  assert.match(stdout, /PING bbox1 \(172\.18\.0\.2\)[\s\S]*3 packets transmitted, 3 packets received, 0% packet loss/)
  assert.match((await sh('bbox2', 'cat /etc/resolv.conf')).stdout, /^nameserver 127\.0\.0\.11$/m)
})

engineTest('a container answers to its name, its aliases, its short id and its host name', async ({ docker, sh }) => {
  await docker.ok('network', 'create', 'net')
  const words = ['--network', 'net', '--network-alias', 'db', '--network-alias', 'sql', '-h', 'box', '--name', 'bbox1']
  const id = await docker.ok('run', '-di', ...words, 'busybox')
  await docker.ok('run', '-di', '--network', 'net', '--name', 'asker', 'busybox')
  const address = await docker.ok('inspect', '-f', '{{.NetworkSettings.Networks.net.IPAddress}}', 'bbox1')
  for (const name of ['bbox1', 'BBOX1', 'db', 'sql', 'box', id.slice(0, 12), 'bbox1.net']) {
    const { code, stdout, stderr } = await sh('asker', `ping -c 1 -W 2 ${name}`)
    assert.equal(code, 0, `${name}: ${stdout}${stderr}`)
    assert.match(stdout, new RegExp(`\\(${address.replaceAll('.', '\\.')}\\)`), name)
  }
})

engineTest('an alias of several containers resolves to all of their addresses', async ({ docker, sh }) => {
  await docker.ok('network', 'create', 'net')
  for (const name of ['one', 'two', 'three']) {
    await docker.ok('run', '-di', '--network', 'net', '--network-alias', 'web', '--name', name, 'busybox')
  }
  const { stdout } = await sh('one', 'nslookup -type=a web 127.0.0.11')
  const addresses = new Set(stdout.match(/172\.18\.0\.\d+/g))
  assert.deepEqual([...addresses].sort(), ['172.18.0.2', '172.18.0.3', '172.18.0.4'])
})

engineTest('names follow rename, disconnect and stop', async ({ docker, sh }) => {
  await docker.ok('network', 'create', 'net')
  await docker.ok('run', '-di', '--network', 'net', '--name', 'old', 'busybox')
  await docker.ok('run', '-di', '--network', 'net', '--name', 'asker', 'busybox')
  const reach = async (name: string) => (await sh('asker', `ping -c 1 -W 2 ${name}`)).code === 0
  await docker.ok('rename', 'old', 'fresh')
  assert.deepEqual([await reach('fresh'), await reach('old')], [true, false])
  await docker.ok('network', 'disconnect', 'net', 'fresh')
  assert.equal(await reach('fresh'), false)
  await docker.ok('network', 'connect', '--alias', 'again', 'net', 'fresh')
  assert.deepEqual([await reach('fresh'), await reach('again')], [true, true])
})

engineTest('/etc/hosts names the container itself and what --add-host adds', async ({ docker, sh }) => {
  await docker.ok('network', 'create', 'net')
  const flags = ['--network', 'net', '--add-host', 'printer:192.0.2.7', '--add-host', 'gate:host-gateway', '-h', 'box']
  await docker.ok('run', '-di', '--name', 'bbox1', ...flags, 'busybox')
  const { stdout } = await sh('bbox1', 'cat /etc/hosts /etc/hostname')
  assert.match(stdout, /^127\.0\.0\.1\s+localhost$/m)
  assert.match(stdout, /^192\.0\.2\.7\s+printer$/m)
  assert.match(stdout, /^172\.17\.0\.1\s+gate$/m)
  assert.match(stdout, /^172\.18\.0\.2\s+box$/m)
  assert.match(stdout, /^box$/m)
})

engineTest('a container may run a DNS server of its own on port 53', async ({ docker, sh }) => {
  await docker.ok('network', 'create', 'net')
  await docker.ok('run', '-di', '--network', 'net', '--name', 'own', 'busybox')
  const { code, stderr } = await sh('own', 'echo x > /index.html; httpd -p 53 -h /')
  assert.equal(code, 0, stderr)
  assert.equal((await sh('own', 'ping -c 1 -W 2 own')).code, 0)
})

engineTest('of several who ask for one name at once, one gets it', async ({ docker, api }) => {
  await docker.ok('network', 'create', 'net')
  const ids = await Promise.all(
    ['box', 'cup'].map((name) => docker.ok('run', '-di', '--name', name, '--network', 'net', 'busybox')),
  )
  for (let round = 0; round < 10; round++) {
    const name = `name${round}`
    const asked = await Promise.allSettled([
      ...ids.map((id) => api.getContainer(id).rename({ name })),
      api.createContainer({ Image: 'busybox', name }),
    ])
    const refused = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason.statusCode] : []))
    assert.deepEqual(refused, [409, 409])
    const all = (await api.listContainers({ all: true })).map(({ Names }) => Names[0])
    assert.deepEqual(all.filter((one) => one === `/${name}`).length, 1)
  }
})
