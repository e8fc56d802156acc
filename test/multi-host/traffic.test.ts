import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { clusterTest } from '../support/cluster-test.ts'
import type { Engine } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { runOk } from '../support/finished.ts'
import type { Host } from '../support/host.ts'

type Engines = [Engine, Engine, Engine]

/** Waits until every host knows a network. */
async function known(engines: readonly Engine[], network: string): Promise<void> {
  for (const { docker } of engines) {
    await eventually(async () => (await docker.run(['network', 'inspect', network])).code, 0)
  }
}

/** What tcpdump sees on the wire between the hosts while `body` runs: VXLAN decoded, and the frames inside. */
async function seenOnWire(wire: Host, body: () => Promise<void>): Promise<string> {
  const words = ['-i', 'lan0', '-nn', '-e', '-l', '--immediate-mode', 'udp port 4789']
  const child = spawn(...wire.enter('tcpdump', ...words), { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (data: Buffer) => (output += data))
  await once(child.stderr, 'data') // it listens
  try {
    await body()
  } finally {
    const closed = once(child, 'close')
    child.kill('SIGINT')
    await closed
  }
  return output
}

clusterTest('50 containers started at once on three hosts have 50 addresses, and find each other', async (scene) => {
  const engines = scene.engines as unknown as Engines
  await engines[0].docker.ok('network', 'create', '-d', 'overlay', '--subnet', '10.1.0.0/24', 'shared')
  await known(engines, 'shared')
  const names = Array.from({ length: 50 }, (_, i) => `c${i}`)
  const at = (i: number) => engines[i % engines.length]!
  await Promise.all(
    names.map((name, i) => at(i).docker.ok('run', '-di', '--name', name, '--network', 'shared', 'busybox')),
  )
  const addresses = await Promise.all(
    names.map((name, i) => at(i).docker.ok('inspect', '-f', '{{.NetworkSettings.Networks.shared.IPAddress}}', name)),
  )
  assert.equal(new Set(addresses).size, 50)
  for (const { docker } of engines) {
    const members = async () => {
      const [network] = JSON.parse(await docker.ok('network', 'inspect', 'shared'))
      return Object.values<{ IPv4Address: string }>(network.Containers).map(
        ({ IPv4Address }) => IPv4Address.split('/')[0]!,
      )
    }
    await eventually(async () => (await members()).sort(), addresses.toSorted())
  }
  const all = names.map((name) => `ping -c1 -W2 ${name} >/dev/null || echo ${name}`).join('; ')
  for (const [i, engine] of engines.entries()) {
    await eventually(async () => (await engine.sh(`c${i}`, all)).stdout, '')
  }
})

clusterTest('TCP crosses hosts at full size, and nobody asks or floods on the wire', async (scene) => {
  const engines = scene.engines as unknown as Engines
  const [one, two] = engines
  await one.docker.ok('network', 'create', '-d', 'overlay', '--subnet', '10.1.0.0/24', 'shared')
  await known(engines, 'shared')
  for (const [i, { docker }] of engines.entries()) {
    await docker.ok('run', '-di', '--name', `c${i + 1}`, '--network', 'shared', 'busybox')
  }
  const netns = async ({ docker }: Engine, name: string) =>
    `--net=${await docker.ok('inspect', '-f', '{{.NetworkSettings.SandboxKey}}', name)}`
  await eventually(async () => (await one.sh('c1', 'ping -c1 -W1 c2')).code, 0)
  const address = await two.docker.ok('inspect', '-f', '{{.NetworkSettings.Networks.shared.IPAddress}}', 'c2')
  const seen = await seenOnWire(scene.wire, async () => {
    const server = spawn('nsenter', [await netns(two, 'c2'), 'iperf3', '--server', '--one-off', '--forceflush'], {
      timeout: 20_000,
      killSignal: 'SIGKILL',
    })
    await once(server.stdout, 'data')
    const said = await runOk('nsenter', [
      ...[await netns(one, 'c1'), 'iperf3', '--client', address],
      ...['--bytes', '64M', '--json'],
    ])
    // The server stops counting when the client says that it is done: the last bytes may not be among them.
    const { sum_sent: sent, sum_received: received } = JSON.parse(said).end
    assert.ok(sent.bytes >= 64 << 20 && received.bytes > 32 << 20, said)
    // As large as fits: 1500 less the tunnel's 50, and 28 for its own headers; one more does not.
    const ping = async (size: number) => (await one.sh('c1', `ping -c1 -W1 -s ${size} ${address}`)).code
    assert.equal(await ping(1422), 0)
    await one.sh('c1', 'ping -c1 -W1 10.1.0.250') // nobody has it
    await one.sh('c1', 'ping -c1 -W1 -b 10.1.0.255')
  })
  assert.match(seen, /VXLAN/)
  assert.doesNotMatch(seen, /ARP|neighbor solicitation|10\.1\.0\.250|10\.1\.0\.255/)
  assert.equal(JSON.parse(await one.docker.ok('exec', 'c1', 'cat', '/sys/class/net/eth0/mtu')), 1450)
})

clusterTest(
  'networks of a cluster take --subnet, --ip, aliases, IPv6, --internal and a VNI, and refuse what cannot be',
  async (scene) => {
    const engines = scene.engines as unknown as Engines
    const [one, two] = engines
    const create = ['network', 'create', '-d', 'overlay']
    await one.docker.ok(
      ...create,
      ...['--subnet', '10.2.0.0/24', '--subnet', '10.12.0.0/24', '--ipv6', '--subnet', 'fd00:2::/64'],
      ...['--attachable', '--label', 'a=b'],
      ...['-o', 'com.docker.network.driver.overlay.vxlanid_list=5000', 'six'],
    )
    await one.docker.ok(...create, '--internal', 'inner')
    await known(engines, 'six')
    await known(engines, 'inner')
    const [six] = JSON.parse(await two.docker.ok('network', 'inspect', 'six'))
    assert.deepEqual([six.EnableIPv6, six.Attachable, six.Labels, six.Scope], [true, true, { a: 'b' }, 'global'])
    await one.docker.ok(
      'run',
      '-di',
      '--name',
      'web1',
      '--network',
      'six',
      '--network-alias',
      'web',
      '--ip',
      '10.2.0.77',
      'busybox',
    )
    await two.docker.ok('run', '-di', '--name', 'web2', '--network', 'six', '--network-alias', 'web', 'busybox')
    const asker = ['--name', 'asker', '--network', 'six', '--ip', '10.12.0.9', '--network', 'inner']
    await engines[2].docker.ok('run', '-di', ...asker, 'busybox')
    const found = async () => {
      const { stdout } = await engines[2].sh(
        'asker',
        'nslookup -type=a web 127.0.0.11 | sed -n "s/^Address.*: *//p" | tail -n +2',
      )
      return stdout.trim().split('\n').sort()
    }
    const second = await two.docker.ok('inspect', '-f', '{{.NetworkSettings.Networks.six.IPAddress}}', 'web2')
    await eventually(found, ['10.2.0.77', second].sort())
    await eventually(async () => (await engines[2].sh('asker', 'ping -c1 -W1 10.2.0.77')).code, 0)
    const v6 = await one.docker.ok('inspect', '-f', '{{.NetworkSettings.Networks.six.GlobalIPv6Address}}', 'web1')
    await eventually(async () => (await engines[2].sh('asker', `ping -6 -c1 -W1 ${v6}`)).code, 0)
    await two.docker.ok('run', '-di', '--name', 'shut', '--network', 'inner', 'busybox')
    assert.doesNotMatch((await two.sh('shut', 'ip route')).stdout, /default/)
    await eventually(async () => (await two.sh('shut', 'ping -c1 -W1 asker')).code, 0)

    const refused = async (words: readonly string[], wanted: RegExp) => {
      const { code, stderr } = await two.docker.run(words)
      assert.notEqual(code, 0)
      assert.match(stderr, wanted)
    }
    await refused([...create, 'six'], /network with name six already exists/)
    await refused(
      [...create, '--subnet', '10.2.0.128/25', 'other'],
      /Pool overlaps with other one on this address space/,
    )
    await refused([...create, '-o', 'com.docker.network.driver.overlay.vxlanid_list=5000', 'other'], /5000/)
    await refused([...create, '-o', 'encrypted', 'other'], /ESP|CONFIG_|module/)
    await refused([...create, '-o', 'backend=nonsense', 'other'], /backend "nonsense"/)
    await refused(['run', '--rm', '--network', 'six', '--ip', '10.2.0.77', 'busybox'], /Address already in use/)
    await refused(
      ['run', '--rm', '--network', 'six', '--ip', '10.9.0.1', 'busybox'],
      /no configured subnet contains IP address 10\.9\.0\.1/,
    )
    await refused(['network', 'rm', 'six'], /web1.*host1|host1.*web1/)

    // Two hosts ask for the same in the same instant: one gets it.
    const both = await Promise.all(
      [one, two].map(({ docker }, i) => docker.run([...create, '--subnet', '10.3.0.0/24', `twin${i}`])),
    )
    assert.deepEqual(both.map(({ code }) => code).sort(), [0, 1])
    // Connecting and disconnecting while it runs, and a new name.
    await one.docker.ok('network', 'connect', '--alias', 'also', 'inner', 'web1')
    await eventually(async () => (await two.sh('shut', 'ping -c1 -W1 also')).code, 0)
    await one.docker.ok('rename', 'web1', 'front')
    await eventually(async () => (await two.sh('shut', 'ping -c1 -W1 front')).code, 0)
    await one.docker.ok('network', 'disconnect', 'inner', 'front')
    await eventually(async () => (await two.sh('shut', 'nslookup front 127.0.0.11')).code, 1)
  },
)
