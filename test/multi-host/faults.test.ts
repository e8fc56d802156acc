import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { clusterTest } from '../support/cluster-test.ts'
import { watchContinuity } from '../support/continuity.ts'
import type { Engine } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { assertAgreed, assertUnharmed, populate, reach, watchAll } from '../support/shared-network.ts'

const addressOf = '{{.NetworkSettings.Networks.shared.IPAddress}}'

clusterTest('a daemon that is killed and started again harms nobody', async (scene) => {
  await populate(scene)
  const watches = await watchAll(scene)
  await scene.engines[1]!.daemon.kill9()
  await sleep(1000)
  await scene.engines[1]!.daemon.start()
  await sleep(1000)
  await assertUnharmed(watches)
  await assertAgreed(scene, ['c1', 'c2', 'c3'])
  await scene.engines[1]!.docker.ok('run', '-di', '--name', 'c4', '--network', 'shared', 'busybox')
  await eventually(() => reach(scene.engines[0]!, 'c1', 'c4'), 0)
  await scene.engines[1]!.docker.ok('rm', '-f', 'c4')
  await assertAgreed(scene, ['c1', 'c2', 'c3'])
})

clusterTest(
  'one of three members of etcd dies: nobody notices; all of them die: what runs goes on, what needs them is refused',
  async (scene) => {
    await populate(scene)
    const { engines, etcd } = scene
    const [one, two] = engines as [Engine, Engine, Engine]
    const watches = await watchAll(scene)
    await etcd.kill9(0)
    await one.docker.ok('run', '-di', '--name', 'c4', '--network', 'shared', 'busybox')
    await eventually(() => reach(two, 'c2', 'c4'), 0)
    const before = await two.docker.ok('inspect', '-f', addressOf, 'c2')

    for (const member of [1, 2]) await etcd.kill9(member)
    await eventually(
      async () =>
        /etcd unreachable since/.test((await one.docker.run(['network', 'create', '-d', 'overlay', 'n2'])).stderr),
      true,
    )
    const refused = await one.docker.run(['run', '-di', '--name', 'c5', '--network', 'shared', 'busybox'])
    assert.match(refused.stderr, /etcd unreachable since .*cannot reserve an address for container "c5"/i)
    await one.docker.ok('rm', '-f', 'c5')
    await assertUnharmed(watches)
    await two.docker.ok('restart', '-t', '0', 'c2')
    assert.equal(await two.docker.ok('inspect', '-f', addressOf, 'c2'), before)
    await eventually(() => reach(one, 'c1', 'c2'), 0)
    await two.daemon.kill9()
    await two.daemon.start()
    await eventually(() => reach(two, 'c2', 'c1'), 0)
    await one.docker.ok('rm', '-f', 'c4')

    await Promise.all([0, 1, 2].map((member) => etcd.start(member)))
    await assertAgreed(scene, ['c1', 'c2', 'c3'])
    await eventually(
      async () => (await one.docker.run(['run', '-di', '--name', 'c6', '--network', 'shared', 'busybox'])).code === 0,
      true,
    )
    await eventually(() => reach(two, 'c2', 'c6'), 0)
  },
  { members: 3 },
)

clusterTest('a host that is cut off from etcd keeps its traffic, and catches up', async (scene) => {
  await populate(scene)
  const { engines, etcdHost, addresses } = scene
  const [one, two, three] = engines as [Engine, Engine, Engine]
  const watches = await watchAll(scene)
  const cut = `table inet cut { chain input { type filter hook input priority 0; ip saddr ${addresses[1]} drop; }; }`
  await etcdHost.execOk('nft', ['-f', '-'], { input: cut })
  await one.docker.ok('run', '-di', '--name', 'c4', '--network', 'shared', 'busybox')
  await eventually(() => reach(three, 'c3', 'c4'), 0)
  await sleep(2000)
  await assertUnharmed(watches)
  await etcdHost.execOk('nft', ['delete', 'table', 'inet', 'cut'])
  await eventually(() => reach(two, 'c2', 'c4'), 0)
  await assertAgreed(scene, ['c1', 'c2', 'c3', 'c4'])
})

clusterTest(
  'two hosts that are cut off from each other: the rest goes on, and they find each other again',
  async (scene) => {
    await populate(scene)
    const { engines, addresses } = scene
    const [one, two, three] = engines as [Engine, Engine, Engine]
    const watches = await Promise.all([watchContinuity(one, 'c1', 'c3'), watchContinuity(two, 'c2', 'c3')])
    const cut = `table inet cut { chain input { type filter hook input priority 0; ip saddr ${addresses[1]} drop; }; }`
    await one.host.execOk('nft', ['-f', '-'], { input: cut })
    assert.notEqual(await reach(one, 'c1', 'c2'), 0)
    await sleep(1000)
    await one.host.execOk('nft', ['delete', 'table', 'inet', 'cut'])
    await eventually(() => reach(one, 'c1', 'c2'), 0)
    await assertUnharmed(watches)
    await assertAgreed(scene, ['c1', 'c2', 'c3'])
    assert.equal(await reach(three, 'c3', 'c1'), 0)
  },
)

clusterTest(
  'a host that is gone for good leaves the answers after the grace period, and with "node rm" altogether',
  async (scene) => {
    await populate(scene)
    const { engines } = scene
    const [one, two, three] = engines as [Engine, Engine, Engine]
    await three.daemon.kill9()
    // At once: nobody has noticed yet.
    assert.notEqual((await one.wharf.run(['node', 'rm', 'host3'])).code, 0)
    const lookUp = async () => (await one.sh('c1', 'nslookup c3 127.0.0.11')).code
    assert.equal(await lookUp(), 0)
    assert.equal(await reach(one, 'c1', 'c3'), 0)
    await eventually(async () => /host3 .*(lost|dead)/i.test(await one.wharf.ok('node', 'ls')), true, 20_000)
    await one.wharf.ok('node', 'rm', '--force', 'host3')
    await eventually(lookUp, 1)
    await two.docker.ok('rm', '-f', 'c2')
    await one.docker.ok('rm', '-f', 'c1')
    await one.docker.ok('network', 'rm', 'shared')
    // It comes back: what it had is not its own any more, and it says so.
    await three.daemon.start()
    await eventually(async () => /host3/.test(await one.wharf.ok('node', 'ls')), true)
    await three.docker.ok('rm', '-f', 'c3')
    await eventually(async () => /shared/.test(await three.docker.ok('network', 'ls')), false)
  },
  { flags: ['--cluster-store-opt', 'discovery.ttl=2'] },
)
