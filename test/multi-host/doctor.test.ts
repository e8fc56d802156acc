import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type ClusterScene, clusterTest } from '../support/cluster-test.ts'
import type { Engine } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { runOk } from '../support/finished.ts'

/** Everything is compared, and mended, every half a minute; heartbeats take a few seconds. */
const patienceMs = 45_000

/** Two containers, one on each host, on network `shared`. @returns runs a program in the network's namespace on the first host */
async function populate({ engines }: ClusterScene): Promise<(...words: string[]) => Promise<string>> {
  const [one, two] = engines as [Engine, Engine]
  const id = await one.docker.ok('network', 'create', '-d', 'overlay', '--subnet', '10.1.0.0/24', 'shared')
  await eventually(async () => (await two.docker.run(['network', 'inspect', 'shared'])).code, 0)
  for (const [i, { docker }] of engines.entries()) {
    await docker.ok('run', '-di', '--name', `c${i + 1}`, '--network', 'shared', 'busybox')
  }
  const namespace = join(one.daemon.root, 'run', 'overlay', id.slice(0, 12))
  await eventually(async () => (await one.sh('c1', 'ping -c1 -W1 c2')).code, 0)
  for (const engine of engines) await eventually(() => ways(engine), 'ok', patienceMs)
  return (...words) => runOk('nsenter', [`--net=${namespace}`, ...words])
}

/** The states of all ways to other hosts. */
async function ways({ wharf }: Engine): Promise<string> {
  const { stdout } = await wharf.run(['overlay', 'doctor', 'shared', '--format', 'json'])
  const { Networks } = JSON.parse(stdout)
  return Networks[0].Paths.map(({ State }: { State: string }) => State).join()
}

/** What the doctor says, and its exit code. */
async function findings({ wharf }: Engine): Promise<{ readonly code: number; readonly what: readonly string[] }> {
  const { code, stdout } = await wharf.run(['overlay', 'doctor', '--format', 'json'])
  return { code, what: JSON.parse(stdout).Findings.map(({ What }: { What: string }) => What) }
}

const nothing = { code: 0, what: [] }

/** Starts an engine again, which compares everything: the next time is half a minute away, and what is broken until then is found. */
async function startAgain(engine: Engine): Promise<void> {
  await engine.daemon.stop()
  await engine.daemon.start()
  await eventually(() => findings(engine), nothing, patienceMs)
}

clusterTest(
  'overlay doctor names what somebody did to the kernel by hand, and finds it mended',
  async (scene) => {
    const inside = await populate(scene)
    const [one, two] = scene.engines as [Engine, Engine]
    await two.docker.ok('run', '-di', '--name', 'c3', '--network', 'shared', 'busybox')
    await eventually(async () => (await one.sh('c1', 'ping -c1 -W1 c3')).code, 0)
    const place = async (name: string): Promise<[mac: string, address: string]> => {
      const { MacAddress, IPAddress } = JSON.parse(
        await two.docker.ok('inspect', '-f', '{{json .NetworkSettings.Networks.shared}}', name),
      )
      return [MacAddress, IPAddress]
    }
    const [[moved, reached], [mac, address]] = [await place('c2'), await place('c3')]
    await startAgain(one)
    assert.match(await one.wharf.ok('overlay', 'doctor'), /ways to other hosts: 1, .*; nothing differs/)

    const tunnel = /dev (vx\d+)/.exec(await inside('bridge', 'fdb', 'show'))![1]!
    const fdb = (...words: string[]) => inside('bridge', 'fdb', ...words)
    await fdb('del', mac, 'dev', tunnel, 'self')
    await inside('ip', 'neigh', 'del', address, 'dev', 'br0')
    await fdb('replace', moved, 'dev', tunnel, 'dst', '192.0.2.77', 'self', 'permanent')
    await fdb('add', '02:00:00:00:00:07', 'dev', tunnel, 'dst', '192.0.2.2', 'self', 'permanent')
    const { code, what } = await findings(one)
    assert.equal(code, 1)
    assert.deepEqual(what.toSorted(), [
      `bridge br0 does not answer ARP or NDP for ${address}, which has ${mac} (container c3 on host host2)`,
      `tunnel ${tunnel} has no entry for ${mac}, which is on host 192.0.2.2 (container c3 on host host2)`,
      `tunnel ${tunnel} sends 02:00:00:00:00:07 to host 192.0.2.2: nobody there has that address`,
      `tunnel ${tunnel} sends ${moved} to host 192.0.2.77, but it is on host 192.0.2.2 (container c2 on host host2)`,
    ])
    assert.notEqual((await one.sh('c1', `ip neigh flush dev eth0; ping -c1 -W1 ${address}`)).code, 0)
    await eventually(() => findings(one), nothing, patienceMs)
    for (const to of [address, reached]) {
      await eventually(async () => (await one.sh('c1', `ping -c1 -W1 ${to}`)).code, 0)
    }

    await inside('ip', 'link', 'set', tunnel, 'type', 'vxlan', 'learning')
    await inside('ip', 'link', 'set', 'br0', 'mtu', '1300')
    assert.deepEqual((await findings(one)).what.slice(0, 2), [
      'bridge br0 carries packets of 1300 bytes, not of 1450',
      `tunnel ${tunnel} learns from the wire, which can keep the right entries out`,
    ])
    await startAgain(one)
  },
  { hosts: 2, timeoutMs: 240_000 },
)

clusterTest(
  'overlay doctor names a host that is not reached, a wire that carries less, and etcd that is away',
  async (scene) => {
    await populate(scene)
    const [one, two] = scene.engines as [Engine, Engine]
    await scene.wire.execOk('ip', ['link', 'set', 'port2', 'mtu', '1400'])
    const tooSmall = "packets to host host2 (192.0.2.2) get through up to 1354 bytes, the network's have up to 1450"
    await eventually(() => findings(one), { code: 1, what: [tooSmall] }, patienceMs)
    await scene.wire.execOk('ip', ['link', 'set', 'port2', 'mtu', '1500'])
    await eventually(() => findings(one), nothing, patienceMs)

    await scene.etcd.kill9(0)
    const cut = 'table inet cut { chain input { type filter hook input priority 0; udp dport 4789 drop; }; }'
    await two.host.execOk('nft', ['-f', '-'], { input: cut })
    const inTwoSentences = async () => {
      const { code, what } = await findings(one)
      return { code, what: what.map((one) => one.replace(/ since .*/, '')) }
    }
    const away = ['etcd is out of reach', 'nothing comes back from host host2 (192.0.2.2)']
    await eventually(inTwoSentences, { code: 1, what: away }, patienceMs)
    assert.match((await one.wharf.run(['overlay', 'doctor'])).stdout, /UDP port 4789 is let through/)
    await two.host.execOk('nft', ['delete', 'table', 'inet', 'cut'])
    await scene.etcd.start(0)
    await eventually(() => findings(one), nothing, patienceMs)
  },
  { hosts: 2, timeoutMs: 240_000 },
)

clusterTest(
  'overlay doctor is refused for a network of one host, and names one that is not there',
  async ({ engines: [one] }) => {
    assert.match((await one!.wharf.run(['overlay', 'doctor', 'bridge'])).stderr, /"bridge": it is of this host alone/)
    assert.match((await one!.wharf.run(['overlay', 'doctor', 'none-such'])).stderr, /network none-such not found/)
    assert.match(await one!.wharf.ok('overlay', 'doctor'), /^networks: 0,/)
  },
  { hosts: 1 },
)
