import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ClusterScene, clusterTest } from '../support/cluster-test.ts'
import type { Engine } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { assertConverged, assertUnharmed, populate, reach, watchAll } from '../support/shared-network.ts'

type Engines = [Engine, Engine, Engine]

const run = (name: string) => ['run', '-di', '--name', name, '--network', 'shared', 'busybox']

clusterTest(
  'etcd restored from an older backup: nobody notices, what came since is written again, what went stays gone',
  async (scene, t) => {
    await populate(scene)
    const { engines, etcd } = scene
    const [one, two, three] = engines as unknown as Engines
    await three.docker.ok(...run('ghost'))
    const file = join(tmpdir(), `backup-hosts-${process.pid}`)
    await etcd.save(file)
    await three.docker.ok('rm', '-f', 'ghost')
    await two.docker.ok(...run('late'))
    await eventually(() => reach(one, 'c1', 'late'), 0)
    const watches = await watchAll(scene)
    await etcd.restore(file)
    rmSync(file)
    const took = await assertConverged(scene, ['c1', 'c2', 'c3', 'late'])
    t.diagnostic(`converged ${took} ms after etcd was back`)
    await assertUnharmed(watches)
    await eventually(async () => (await one.docker.run(run('new'))).code, 0)
    await eventually(() => reach(three, 'c3', 'new'), 0)
    await assertConverged(scene, ['c1', 'c2', 'c3', 'late', 'new'])
  },
  { members: 3 },
)

clusterTest(
  'a compaction while a host is cut off from etcd: it lists again, and knows what came and went',
  async (scene, t) => {
    await populate(scene)
    const { engines, etcd, etcdHost, addresses } = scene
    const [one, two, three] = engines as unknown as Engines
    await three.docker.ok(...run('goes'))
    await eventually(() => reach(two, 'c2', 'goes'), 0)
    const watches = await watchAll(scene)
    const cut = `table inet cut { chain input { type filter hook input priority 0; ip saddr ${addresses[1]} drop; }; }`
    await etcdHost.execOk('nft', ['-f', '-'], { input: cut })
    await three.docker.ok('rm', '-f', 'goes')
    await one.docker.ok(...run('comes'))
    const reachable = async () => (await two.wharf.ok('node', 'inspect', '-f', '{{.Store.Reachable}}', 'host2')).trim()
    await eventually(reachable, 'false', 20_000)
    const [{ Status }] = JSON.parse(await etcd.ctl('endpoint', 'status', '--write-out', 'json'))
    await etcd.ctl('compaction', String(Status.header.revision))
    await etcdHost.execOk('nft', ['delete', 'table', 'inet', 'cut'])
    const took = await assertConverged(scene, ['c1', 'c2', 'c3', 'comes'])
    t.diagnostic(`converged ${took} ms after the cut was mended`)
    await assertUnharmed(watches)
    assert.equal(await reach(two, 'c2', 'comes'), 0)
  },
  { flags: ['--cluster-store-opt', 'discovery.ttl=3'] },
)

clusterTest(
  'one of three members of etcd is killed while containers start on all hosts: all have addresses of their own',
  async (scene, t) => {
    await populate(scene)
    const { engines, etcd } = scene
    const watches = await watchAll(scene)
    const names = Array.from({ length: 12 }, (_, i) => `d${i}`)
    const starts = names.map((name, i) => engines[i % engines.length]!.docker.run(run(name)))
    await sleep(100)
    await etcd.kill9(0)
    const answers = await Promise.all(starts)
    assert.deepEqual(
      answers.flatMap(({ code, stderr }) => (code === 0 ? [] : [stderr])),
      [],
    )
    t.diagnostic(`converged ${await assertConverged(scene, ['c1', 'c2', 'c3', ...names])} ms after the last start`)
    await assertUnharmed(watches)
  },
  { members: 3 },
)

clusterTest('a daemon that dies in the middle of run leaves no ghost endpoint', async (scene) => {
  await populate(scene)
  const { engines } = scene
  const two = engines[1]!
  for (const delayMs of [20, 60, 100, 150, 250]) {
    const starting = two.docker.run(run(`late${delayMs}`))
    await sleep(delayMs)
    await two.daemon.kill9()
    await starting
    await two.daemon.start()
    // What was started far enough runs on; all others are created, or were never heard of.
    await assertConverged(scene, ['c1', 'c2', 'c3', ...(await runningBeside(scene, ['c1', 'c2', 'c3']))])
  }
})

clusterTest(
  'a host whose clock is hours ahead is one like the others',
  async (scene, t) => {
    const { engines } = scene
    const [one, two, three] = engines as unknown as Engines
    // The program that enters the host's namespace and becomes the engine never ends, so nobody tidies up after it.
    const shared = ['faketime_shm', 'sem.faketime_sem'].map((name) => `/dev/shm/${name}_${three.daemon.pid}`)
    t.after(() => {
      for (const file of shared) rmSync(file, { force: true })
    })
    const ahead = Date.parse(await three.docker.ok('info', '-f', '{{.SystemTime}}')) - Date.now()
    assert.ok(ahead > 4 * 3_600_000, `the clock of host3 is ${ahead} ms ahead`)
    await populate(scene)
    const watches = await watchAll(scene)
    // Longer than its lease would last if anybody compared the clocks.
    await sleep(4_000)
    const states = await one.wharf.ok('node', 'ls', '--format', '{{.Name}} {{.State}}')
    assert.deepEqual(states.trim().split('\n'), ['host1 alive', 'host2 alive', 'host3 alive'])
    await three.docker.ok(...run('ahead'))
    await eventually(() => reach(two, 'c2', 'ahead'), 0)
    await assertConverged(scene, ['c1', 'c2', 'c3', 'ahead'])
    await assertUnharmed(watches)
    await three.docker.ok('rm', '-f', 'ahead')
    await assertConverged(scene, ['c1', 'c2', 'c3'])
  },
  {
    flags: ['--cluster-store-opt', 'discovery.ttl=2'],
    lastEnv: {
      ...{ LD_PRELOAD: '/usr/$LIB/faketime/libfaketimeMT.so.1', FAKETIME: '+5h' },
      ...{ FAKETIME_DONT_FAKE_MONOTONIC: '1' },
    },
  },
)

clusterTest(
  'a container that was stopped before etcd went starts when it is back; one that is stopped then starts at once',
  async (scene) => {
    await populate(scene)
    const { engines, etcd } = scene
    const [one, two] = engines as unknown as Engines
    await one.docker.ok('stop', '-t', '0', 'c1')
    await etcd.kill9(0)
    await eventually(async () => /etcd unreachable since/.test((await one.docker.run(['start', 'c1'])).stderr), true)
    const address = ['inspect', '-f', '{{.NetworkSettings.Networks.shared.IPAddress}}', 'c2']
    const before = await two.docker.ok(...address)
    await two.docker.ok('stop', '-t', '0', 'c2')
    await two.docker.ok('start', 'c2')
    assert.equal(await two.docker.ok(...address), before)
    assert.equal(await reach(two, 'c2', 'c3'), 0)
    await etcd.start(0)
    await eventually(async () => (await one.docker.run(['start', 'c1'])).code, 0, 10_000)
    await assertConverged(scene, ['c1', 'c2', 'c3'])
  },
)

async function runningBeside({ engines }: ClusterScene, others: readonly string[]): Promise<string[]> {
  const all = await Promise.all(
    engines.map(({ docker }) => docker.ok('ps', '--filter', 'network=shared', '--format', '{{.Names}}')),
  )
  return all.flatMap((text) => text.split('\n')).filter((name) => name !== '' && !others.includes(name))
}
