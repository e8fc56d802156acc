import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { fetchFrom, serve } from '../support/web.ts'

engineTest('network ls lists bridge, host and none, as docker does', async ({ docker }) => {
  const rows = (await docker.ok('network', 'ls', '--format', '{{.Name}} {{.Driver}} {{.Scope}}')).split('\n')
  assert.deepEqual(rows, ['bridge bridge local', 'host host local', 'none null local'])
})

engineTest('the default bridge is docker0, with one veth for each running container', async ({ docker, host, sh }) => {
  const hasBridge = (await host.ip('link', 'show')).some(({ ifname }: { ifname: string }) => ifname === 'docker0')
  assert.ok(hasBridge, 'docker0 is there before the first container')

  await docker.ok('run', '-di', '--name', 'bbox1', 'busybox')
  await docker.ok('run', '-di', '--name', 'bbox2', 'busybox')
  const veths: { ifname: string; ifindex: number; master: string; addr_info: object[] }[] = await host.ip(
    'addr',
    'show',
    'type',
    'veth',
  )
  assert.equal(veths.length, 2)
  for (const { ifname, master } of veths) assert.match(`${ifname} ${master}`, /^veth[0-9a-f]{7} docker0$/)
  const own = veths.flatMap(({ addr_info }) => addr_info)
  assert.deepEqual(own, [], 'ports have no IPv6: the kernel walks through all routes of it whenever a link goes')

  const inside = (await sh('bbox1', 'cat /sys/class/net/eth0/ifindex /sys/class/net/eth0/iflink')).stdout
  const [index, peer] = inside.trim().split('\n').map(Number)
  const outside = veths.find(({ ifindex }) => ifindex === peer)!
  // sysfs shows the interfaces of the namespace that it was mounted in: mount one for the host, where nobody sees it.
  const read = `mount -t sysfs none /sys && cat /sys/class/net/${outside.ifname}/iflink`
  const lines = await host.execOk('unshare', ['-m', 'sh', '-c', read])
  assert.equal(Number(lines), index, 'each end names the other')

  await docker.ok('rm', '-f', 'bbox1', 'bbox2')
  await eventually(() => host.ip('link', 'show', 'type', 'veth'), [])
})

engineTest('run -di starts a container that exec, inspect and network inspect know', async ({ docker, host, sh }) => {
  const id = await docker.ok('run', '-di', '--name', 'mysql01', '-e', 'A=b', 'busybox')
  assert.match(id, /^[0-9a-f]{64}$/)
  assert.equal((await sh('mysql01', 'echo $A; hostname')).stdout, `b\n${id.slice(0, 12)}\n`)

  const [{ NetworkSettings, State, Config }] = JSON.parse(await docker.ok('inspect', 'mysql01'))
  assert.equal(State.Status, 'running')
  assert.ok(Config.Env.includes('A=b'))
  const { IPAddress, Gateway, MacAddress, IPPrefixLen, Networks } = NetworkSettings
  assert.match(`${IPAddress}/${IPPrefixLen} ${Gateway}`, /^172\.17\.0\.2\/16 172\.17\.0\.1$/)
  assert.match(MacAddress, /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/)
  assert.deepEqual([Networks.bridge.IPAddress, Networks.bridge.Gateway], [IPAddress, Gateway])

  const [network] = JSON.parse(await docker.ok('network', 'inspect', 'bridge'))
  assert.partialDeepStrictEqual(network.Containers[id], {
    Name: 'mysql01',
    MacAddress,
    IPv4Address: `${IPAddress}/${IPPrefixLen}`,
    IPv6Address: '',
  })
  assert.equal(network.Options['com.docker.network.bridge.name'], 'docker0')

  const { code } = await host.exec('ping', ['-c', '1', '-W', '2', IPAddress])
  assert.equal(code, 0, 'the host reaches the container')
  assert.equal((await sh('mysql01', `ping -c 1 -W 2 ${Gateway}`)).code, 0, 'the container reaches the host')
})

engineTest('containers on the default bridge reach each other by address, and not by name', async ({ docker, sh }) => {
  await docker.ok('run', '-di', '--name', 'bbox3', 'busybox')
  await docker.ok('run', '-di', '--name', 'bbox4', 'busybox')
  const address = await docker.ok('inspect', '-f', '{{.NetworkSettings.IPAddress}}', 'bbox3')
  assert.equal((await sh('bbox4', `ping -c 1 -W 2 ${address}`)).code, 0)
  const { code, stderr } = await sh('bbox4', 'ping -c 1 -W 1 bbox3')
  assert.deepEqual([code, stderr.trim()], [1, "ping: bad address 'bbox3'"])
})

engineTest('--net host makes no link and shares the addresses and ports of the host', async (engine) => {
  const { docker, host, sh } = engine
  const before = (await host.ip('link', 'show')).map(({ ifname }: { ifname: string }) => ifname)
  await docker.ok('run', '-di', '--name', 'inhost', '--net', 'host', 'busybox')
  const after = (await host.ip('link', 'show')).map(({ ifname }: { ifname: string }) => ifname)
  assert.deepEqual(after, before)

  const seen = (await sh('inhost', 'ip -o link')).stdout.match(/^\d+: ([^:@]+)/gm)!.map((line) => line.split(' ')[1])
  assert.deepEqual(seen, before)
  await serve(engine, 'inhost', 'from-host-mode', 8081)
  assert.equal(await fetchFrom(host, 'http://127.0.0.1:8081/'), 'from-host-mode')
  assert.equal(await docker.ok('inspect', '-f', '{{.NetworkSettings.IPAddress}}', 'inhost'), '')
})

engineTest('--net none has only lo', async ({ docker, sh }) => {
  await docker.ok('run', '-di', '--name', 'alone', '--net', 'none', 'busybox')
  assert.deepEqual((await sh('alone', 'ls /sys/class/net')).stdout.trim().split('\n'), ['lo'])
  assert.match((await sh('alone', 'ip addr show lo')).stdout, /inet 127\.0\.0\.1\/8/)
  assert.equal((await sh('alone', 'ping -c 1 -W 1 127.0.0.1')).code, 0)
})

engineTest('a --net none container has a namespace path that a user may wire by hand', async ({ docker, host, sh }) => {
  await docker.ok('run', '-di', '--name', 'wired', '--net', 'none', 'busybox')
  const path = await docker.ok('inspect', '-f', '{{.NetworkSettings.SandboxKey}}', 'wired')
  await host.execOk('ip', ['link', 'add', 'mine0', 'type', 'veth', 'peer', 'name', 'theirs0'])
  await host.execOk('sh', ['-c', `exec 9<${path}; ip link set theirs0 netns /proc/self/fd/9`])
  assert.deepEqual((await sh('wired', 'ls /sys/class/net')).stdout.trim().split('\n'), ['lo', 'theirs0'])
})
