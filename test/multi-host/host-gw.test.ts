import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ClusterScene, clusterTest } from '../support/cluster-test.ts'
import type { Engine } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { runOk } from '../support/finished.ts'
import type { Host } from '../support/host.ts'
import { fetchFrom, fetchIn, serve } from '../support/web.ts'

const addressOf = '{{.NetworkSettings.Networks.shared.IPAddress}}'
const options = ['-d', 'overlay', '-o', 'backend=host-gw', '--subnet', '10.1.0.0/16']

/** Network `shared` of plain routes. */
async function create({ engines }: ClusterScene, ...more: string[]): Promise<void> {
  await engines[0]!.docker.ok('network', 'create', ...options, ...more, 'shared')
  for (const { docker } of engines) {
    await eventually(async () => (await docker.run(['network', 'inspect', 'shared'])).code, 0)
  }
}

/** Our routes on a host, as iproute2 sees them: to a block, by a host. */
async function routes({ host }: Engine): Promise<string[]> {
  const all: { dst: string; gateway?: string }[] = await host.ip('route')
  return all.flatMap(({ dst, gateway }) => (gateway && dst !== 'default' ? [`${dst} ${gateway}`] : [])).sort()
}

/** Counts packets on the wire that a filter takes, while `work` is done; waits until so many are shown. */
async function counted(wire: Host, filter: string, work: () => Promise<void>, atLeast = 0): Promise<number> {
  const child = spawn(...wire.enter('tcpdump', '-i', 'lan0', '-n', '-l', '--immediate-mode', filter), {
    timeout: 60_000,
  })
  let seen = ''
  child.stdout.on('data', (chunk) => (seen += chunk))
  const closed = once(child, 'close')
  try {
    await once(child.stderr, 'data') // it listens
    await work()
    await eventually(async () => seen.split('\n').length > atLeast, true)
    await sleep(200) // what was sent besides is shown
  } finally {
    child.kill('SIGKILL')
    await closed
  }
  return seen.split('\n').filter(Boolean).length
}

clusterTest('containers on three hosts reach each other by plain routes, without a tunnel', async (scene) => {
  await create(scene)
  const { engines, wire } = scene
  const [one, two, three] = engines as [Engine, Engine, Engine]
  for (const [i, { docker }] of engines.entries()) {
    await docker.ok('run', '-di', '--name', `c${i + 1}`, '--network', 'shared', '-p', '8080:80', 'busybox')
  }
  const addresses = await Promise.all(
    engines.map(({ docker }, i) => docker.ok('inspect', '-f', addressOf, `c${i + 1}`)),
  )
  assert.deepEqual(addresses, ['10.1.0.2', '10.1.1.2', '10.1.2.2'])
  await eventually(() => routes(one), ['10.1.1.0/24 192.0.2.2', '10.1.2.0/24 192.0.2.3'])
  await eventually(() => routes(two), ['10.1.0.0/24 192.0.2.1', '10.1.2.0/24 192.0.2.3'])
  await eventually(() => routes(three), ['10.1.0.0/24 192.0.2.1', '10.1.1.0/24 192.0.2.2'])

  for (const [i, engine] of engines.entries()) await serve(engine, `c${i + 1}`, `c${i + 1}`)
  const tunnelled = await counted(wire, 'udp port 4789', async () => {
    for (const i of engines.keys()) {
      for (const [k, address] of addresses.entries()) {
        for (const target of [address, `c${k + 1}`]) {
          await eventually(() => fetchIn(engines[i]!, `c${i + 1}`, `http://${target}/`), `c${k + 1}`)
        }
      }
    }
  })
  assert.equal(tunnelled, 0)
  // Addresses stay: nobody masquerades between the hosts.
  const masked = await counted(
    wire,
    'icmp and src host 10.1.0.2 and dst host 10.1.1.2',
    async () => {
      assert.equal((await one.sh('c1', 'ping -c3 -i0.2 -W1 c2')).code, 0)
    },
    3,
  )
  assert.ok(masked >= 3, `${masked} packets with the container's address`)

  // Nobody else gets in unless published: the wire's other hosts have a route, and are refused.
  await scene.etcdHost.execOk('ip', ['route', 'add', '10.1.1.0/24', 'via', '192.0.2.2'])
  assert.match(await fetchFrom(scene.etcdHost, 'http://10.1.1.2/'), /^curl: \d+$/)
  assert.equal(await fetchFrom(scene.etcdHost, 'http://192.0.2.2:8080/'), 'c2')
  assert.equal(await fetchIn(one, 'c1', 'http://192.0.2.2:8080/'), 'c2')

  const seen = JSON.parse(await two.docker.ok('network', 'inspect', 'shared'))[0]
  assert.equal(Object.keys(seen.Containers).length, 3)
  const wrong = await two.docker.run(['run', '--rm', '--network', 'shared', '--ip', '10.1.0.9', 'busybox', 'true'])
  assert.match(
    wrong.stderr,
    /this host's addresses on network "shared" are those of 10\.1\.1\.0\/24, and 10\.1\.0\.9 is/,
  )
  await two.docker.ok('run', '-d', '--name', 'c4', '--network', 'shared', '--ip', '10.1.1.77', 'busybox', 'sleep', '60')
  await eventually(async () => (await one.sh('c1', 'ping -c1 -W1 c4')).code, 0)
  for (const engine of engines) assert.match(await engine.wharf.ok('overlay', 'doctor'), /nothing differs/)

  await two.docker.ok('rm', '-f', 'c2', 'c4')
  await eventually(() => routes(one), ['10.1.2.0/24 192.0.2.3'])
  // Its block stays its own.
  await two.docker.ok('run', '-di', '--name', 'c2', '--network', 'shared', 'busybox')
  assert.match(await two.docker.ok('inspect', '-f', addressOf, 'c2'), /^10\.1\.1\./)
  for (const [i, { docker }] of engines.entries()) await docker.ok('rm', '-f', `c${i + 1}`)
  await eventually(async () => (await three.docker.run(['network', 'rm', 'shared'])).code, 0)
  for (const engine of engines) await eventually(() => routes(engine), [])
})

clusterTest(
  'iperf3 runs by plain routes at the full size of the wire',
  async (scene) => {
    await create(scene)
    const [one, two] = scene.engines as [Engine, Engine]
    for (const [i, { docker }] of scene.engines.entries()) {
      await docker.ok('run', '-di', '--name', `c${i + 1}`, '--network', 'shared', 'busybox')
    }
    assert.match((await one.sh('c1', 'cat /sys/class/net/eth0/mtu')).stdout, /^1500/)
    const target = await two.docker.ok('inspect', '-f', addressOf, 'c2')
    const netns = async ({ docker }: Engine, name: string) =>
      `--net=${await docker.ok('inspect', '-f', '{{.NetworkSettings.SandboxKey}}', name)}`
    const server = spawn('nsenter', [await netns(two, 'c2'), 'iperf3', '--server', '--one-off', '--forceflush'], {
      timeout: 20_000,
      killSignal: 'SIGKILL',
    })
    await once(server.stdout, 'data')
    const said = await runOk('nsenter', [
      await netns(one, 'c1'),
      'iperf3',
      '--client',
      target,
      '--bytes',
      '64M',
      '--json',
    ])
    // The server stops counting when the client says that it is done: the last bytes may not be among them.
    const { sum_sent: sent, sum_received: received } = JSON.parse(said).end
    assert.ok(sent.bytes >= 64 << 20 && received.bytes > 32 << 20, said)
  },
  { hosts: 2 },
)

clusterTest(
  'a host that is not on the link is refused, with the reason, and one that is gone takes its route along',
  async (scene) => {
    await create(scene)
    const { engines, etcdHost, addresses } = scene
    const [one, two, three] = engines as [Engine, Engine, Engine]
    await one.docker.ok('run', '-di', '--name', 'c1', '--network', 'shared', 'busybox')
    await two.docker.ok('run', '-di', '--name', 'c2', '--network', 'shared', 'busybox')
    await eventually(() => routes(one), ['10.1.1.0/24 192.0.2.2'])
    // For the third host the others are behind a router.
    await etcdHost.execOk('sysctl', ['-qw', 'net.ipv4.ip_forward=1'])
    for (const address of addresses.slice(0, 2))
      await three.host.execOk('ip', ['route', 'add', `${address}/32`, 'via', '192.0.2.4'])
    const refused = await three.docker.run([
      'run',
      '-d',
      '--name',
      'c3',
      '--network',
      'shared',
      'busybox',
      'sleep',
      '60',
    ])
    assert.match(
      refused.stderr,
      /Cannot join network "shared": its backend "host-gw" has no tunnels, and host host1 \(192\.0\.2\.1\) is not on a link of this host: it is behind gateway 192\.0\.2\.4; host host2 /,
    )
    await three.docker.ok('rm', '-f', 'c3')
    assert.deepEqual(await routes(one), ['10.1.1.0/24 192.0.2.2'])

    // Somebody's route is mended; a daemon that is killed leaves its routes, and finds them.
    await one.host.execOk('ip', ['route', 'del', '10.1.1.0/24'])
    const { stdout, code } = await one.wharf.run(['overlay', 'doctor'])
    assert.equal(code, 1)
    assert.match(stdout, /shared: the route to 10\.1\.1\.0\/24 via 192\.0\.2\.2 is gone/)
    await one.daemon.kill9()
    await one.daemon.start()
    await eventually(() => routes(one), ['10.1.1.0/24 192.0.2.2'])
    await eventually(async () => (await one.sh('c1', 'ping -c1 -W1 c2')).code, 0)

    await two.daemon.kill9()
    await one.wharf.ok('node', 'rm', '--force', 'host2')
    await eventually(() => routes(one), [])
  },
)

clusterTest(
  'what networks of plain routes cannot be is refused, with the reason',
  async ({ engines: [one] }) => {
    const cases: readonly [readonly string[], RegExp][] = [
      [['--ipv6'], /its routes are of IPv4: leave out --ipv6/],
      [['--subnet', '10.1.0.0/16', '--ip-range', '10.1.4.0/24'], /leave out --ip-range/],
      [['--subnet', '10.1.0.0/16', '--gateway', '10.1.0.1'], /leave out --gateway/],
      [['--subnet', '10.1.0.0/24', '-o', 'host-prefix-length=24'], /must be between \/25 and \/30/],
      [['-o', 'host-prefix-length=many'], /"many" is no number of bits/],
      [['-o', 'encrypted'], /leave out --opt encrypted/],
    ]
    for (const [words, message] of cases) {
      const all = ['network', 'create', '-d', 'overlay', '-o', 'backend=host-gw', ...words, 'shared']
      assert.match((await one!.docker.run(all)).stderr, message)
    }
    assert.doesNotMatch(await one!.docker.ok('network', 'ls'), /shared/)
  },
  { hosts: 1 },
)
