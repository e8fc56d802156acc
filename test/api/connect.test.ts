import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'

engineTest('two networks do not reach each other, by address or by name', async ({ docker, sh }) => {
  await docker.ok('network', 'create', 'red')
  await docker.ok('network', 'create', 'blue')
  await docker.ok('run', '-di', '--name', 'rr', '--network', 'red', 'busybox')
  await docker.ok('run', '-di', '--name', 'bb', '--network', 'blue', 'busybox')
  await docker.ok('run', '-di', '--name', 'dd', 'busybox')
  const address = async (name: string) =>
    await docker.ok('inspect', '-f', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', name)
  for (const [from, to] of [
    ['rr', 'bb'],
    ['bb', 'rr'],
    ['dd', 'rr'],
    ['rr', 'dd'],
  ] as const) {
    assert.notEqual((await sh(from, `ping -c 1 -W 1 ${await address(to)}`)).code, 0, `${from} → ${to}`)
  }
  assert.match((await sh('rr', 'ping -c 1 -W 1 bb')).stderr, /bad address/)
})

engineTest('network connect gives a running container eth1 and the reach, disconnect takes both', async (engine) => {
  const { docker, host, sh } = engine
  await docker.ok('network', 'create', 'my_net2')
  await docker.ok('run', '-di', '--name', 'bbox1', '--network', 'my_net2', 'busybox')
  await docker.ok('run', '-di', '--name', 'bbox3', 'busybox')
  assert.notEqual((await sh('bbox3', 'ping -c 1 -W 1 bbox1')).code, 0)
  const before = (await host.ip('link', 'show', 'type', 'veth')).length

  await docker.ok('network', 'connect', 'my_net2', 'bbox3')
  assert.deepEqual((await sh('bbox3', 'ls /sys/class/net')).stdout.trim().split('\n'), ['eth0', 'eth1', 'lo'])
  assert.equal((await host.ip('link', 'show', 'type', 'veth')).length, before + 1)
  assert.equal((await sh('bbox3', 'ping -c 1 -W 2 bbox1')).code, 0)
  assert.equal((await sh('bbox1', 'ping -c 1 -W 2 bbox3')).code, 0)
  assert.equal((await sh('bbox3', 'ping -c 1 -W 2 172.17.0.1')).code, 0, 'it talks on both')

  await docker.ok('network', 'disconnect', 'my_net2', 'bbox3')
  assert.deepEqual((await sh('bbox3', 'ls /sys/class/net')).stdout.trim().split('\n'), ['eth0', 'lo'])
  assert.equal((await sh('bbox3', 'ping -c 1 -W 1 172.18.0.2')).code, 1)
  assert.match((await sh('bbox3', 'ping -c 1 -W 1 bbox1')).stderr, /bad address/)
})

engineTest('connect takes an address and aliases, and says so in inspect', async ({ docker, sh }) => {
  await docker.ok('network', 'create', '--subnet', '10.77.0.0/24', '--gateway', '10.77.0.254', 'lab')
  await docker.ok('run', '-di', '--name', 'box', 'busybox')
  await docker.ok('network', 'connect', '--ip', '10.77.0.9', '--alias', 'nine', 'lab', 'box')
  const [{ NetworkSettings }] = JSON.parse(await docker.ok('inspect', 'box'))
  assert.partialDeepStrictEqual(NetworkSettings.Networks.lab, {
    IPAddress: '10.77.0.9',
    IPPrefixLen: 24,
    Gateway: '10.77.0.254',
    Aliases: ['nine'],
    IPAMConfig: { IPv4Address: '10.77.0.9' },
  })
  assert.match((await sh('box', 'ip addr show eth1')).stdout, /inet 10\.77\.0\.9\/24/)
})

engineTest('a stopped container is connected on record, and has the interface when it starts', async (engine) => {
  const { docker, sh } = engine
  await docker.ok('network', 'create', 'net')
  await docker.ok('create', '-i', '--name', 'later', 'busybox')
  await docker.ok('network', 'connect', 'net', 'later')
  await docker.ok('start', 'later')
  assert.deepEqual((await sh('later', 'ls /sys/class/net')).stdout.trim().split('\n'), ['eth0', 'eth1', 'lo'])
  await docker.ok('network', 'disconnect', 'bridge', 'later')
  assert.deepEqual((await sh('later', 'ls /sys/class/net')).stdout.trim().split('\n'), ['eth1', 'lo'])
})

engineTest('a container whose network is gone can be led to another one', async ({ docker }) => {
  await docker.ok('network', 'create', 'old')
  await docker.ok('network', 'create', 'new')
  await docker.ok('create', '-i', '--name', 'box', '--network', 'old', 'busybox')
  await docker.ok('network', 'rm', 'old')
  const { code, stderr } = await docker.run(['start', 'box'])
  assert.equal(code, 1)
  assert.match(stderr, /network old not found/)
  await docker.ok('network', 'connect', 'new', 'box')
  await docker.ok('network', 'disconnect', 'old', 'box')
  await docker.ok('start', 'box')
  assert.match(await docker.ok('network', 'inspect', '-f', '{{range .Containers}}{{.Name}}{{end}}', 'new'), /^box$/)
})

engineTest('connect and disconnect refuse what makes no sense, in the words of Docker', async ({ docker }) => {
  await docker.ok('network', 'create', 'net')
  await docker.ok('run', '-di', '--name', 'box', '--network', 'net', 'busybox')
  await docker.ok('run', '-di', '--name', 'inhost', '--network', 'host', 'busybox')
  const refusals: readonly (readonly [string[], RegExp])[] = [
    [['connect', 'net', 'box'], /endpoint with name box already exists in network net/],
    [['connect', 'nowhere', 'box'], /network nowhere not found/],
    [['connect', 'net', 'nobody'], /No such container: nobody/],
    [['disconnect', 'bridge', 'box'], /is not connected to (the )?network bridge/],
    [['connect', 'host', 'box'], /cannot connect container to host network/],
    [['disconnect', 'host', 'inhost'], /cannot disconnect container from host network/],
    [['connect', '--ip', '192.0.2.9', 'bridge', 'box'], /user-specified IP address is supported (on|only)/],
  ]
  for (const [words, message] of refusals) {
    const { code, stderr } = await docker.run(['network', ...words])
    assert.equal(code, 1, words.join(' '))
    assert.match(stderr, message)
  }
})
