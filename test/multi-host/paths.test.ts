import assert from 'node:assert/strict'
import { type ClusterScene, clusterTest } from '../support/cluster-test.ts'
import type { Engine } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'

/** A heartbeat comes every few seconds, and three of them tell. */
const patienceMs = 30_000

/** A container on each host, all on network `shared`. */
async function populate({ engines }: ClusterScene): Promise<void> {
  await engines[0]!.docker.ok('network', 'create', '-d', 'overlay', '--subnet', '10.1.0.0/24', 'shared')
  for (const [i, { docker }] of engines.entries()) {
    await eventually(async () => (await docker.run(['network', 'inspect', 'shared'])).code, 0)
    await docker.ok('run', '-di', '--name', `c${i + 1}`, '--network', 'shared', 'busybox')
  }
}

/** What a host says of its way to another: state and size. */
async function pathTo({ wharf }: Engine, host: string): Promise<string> {
  const [node] = JSON.parse(await wharf.ok('node', 'inspect', host))
  return node.Paths.map(({ State, Size }: { State: string; Size: number }) => `${State} ${Size}`).join()
}

/** What the events say of paths: host, state and size. */
async function pathEvents({ docker }: Engine): Promise<string[]> {
  const words = ['events', '--since', '0', '--until', '0s', '--filter', 'type=network', '--filter', 'event=path']
  const lines = (await docker.ok(...words, '--format', '{{json .Actor.Attributes}}')).split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line)).map(({ host, state, size }) => `${host} ${state} ${size}`)
}

clusterTest('heartbeats of full size tell which hosts are reached, and from when on one is not', async (scene) => {
  await populate(scene)
  const { engines, addresses } = scene
  const [one, two] = engines as [Engine, Engine, Engine]
  for (const engine of engines) {
    for (const [i, other] of engines.entries()) {
      const expected = other === engine ? '' : 'ok 1450'
      await eventually(() => pathTo(engine, `host${i + 1}`), expected, patienceMs)
    }
  }
  const cut = `table inet cut { chain input { type filter hook input priority 0; ip saddr ${addresses[1]} udp dport 4789 drop; }; }`
  await one.host.execOk('nft', ['-f', '-'], { input: cut })
  await eventually(() => pathTo(one, 'host2'), 'lost 0', patienceMs)
  await eventually(() => pathTo(two, 'host1'), 'lost 0', patienceMs)
  assert.equal(await pathTo(one, 'host3'), 'ok 1450')
  await one.host.execOk('nft', ['delete', 'table', 'inet', 'cut'])
  await eventually(() => pathTo(one, 'host2'), 'ok 1450', patienceMs)
  await eventually(() => pathEvents(one), ['host2 lost 0', 'host2 ok 1450'])
  assert.match(one.daemon.log, /does not reach a host/)

  await two.docker.ok('rm', '-f', 'c2')
  await eventually(() => pathTo(one, 'host2'), '')
})

clusterTest('a wire that carries less than a host believes is found, with the size that passes', async (scene) => {
  await populate(scene)
  const { engines, wire } = scene
  const [one, two] = engines as [Engine, Engine, Engine]
  await eventually(() => pathTo(one, 'host2'), 'ok 1450', patienceMs)
  // In the middle, where nobody tells the hosts of it: what is larger vanishes. Bridges leave room for a VLAN tag, 4 bytes.
  await wire.execOk('ip', ['link', 'set', 'port2', 'mtu', '1400'])
  await eventually(() => pathTo(one, 'host2'), 'mtu 1354', patienceMs)
  await eventually(() => pathTo(two, 'host1'), 'mtu 1354', patienceMs)
  assert.equal(await pathTo(one, 'host3'), 'ok 1450')
  const [fits, isTooLarge] = await Promise.all(
    [1354, 1355].map(async (size) => (await one.sh('c1', `ping -c1 -W2 -s ${size - 28} c2`)).code === 0),
  )
  assert.deepEqual({ fits, isTooLarge }, { fits: true, isTooLarge: false })
  await wire.execOk('ip', ['link', 'set', 'port2', 'mtu', '1500'])
  await eventually(() => pathTo(one, 'host2'), 'ok 1450', patienceMs)
  await eventually(() => pathEvents(one), ['host2 mtu 1354', 'host2 ok 1450'])
})
