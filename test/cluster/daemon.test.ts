import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { test } from 'node:test'
import { startDaemon } from '../support/daemon.ts'
import { wharfCli } from '../support/docker.ts'
import { startEtcd } from '../support/etcd.ts'
import { eventually } from '../support/eventually.ts'
import { createLan } from '../support/hosts.ts'

const skip = getuid?.() === 0 ? false : 'needs root'
const main = join(import.meta.dirname, '../../src/main.ts')

test('wharf daemon --cluster-store joins; wharf node lists, inspects and removes nodes', {
  skip,
  timeout: 120_000,
}, async () => {
  using lan = createLan(2)
  const [first, second] = lan.hosts
  await using etcd = await startEtcd({ host: first!, address: lan.addresses[0]! })
  const store = `etcd://${etcd.members[0]!.replace('http://', '')}`
  const more = ['--cluster-store-opt', 'discovery.ttl=2']
  const flags = (name: string, advertise: string) => [
    ...['--cluster-store', store, '--cluster-advertise', advertise],
    ...[...more, '--cluster-store-opt', `node.name=${name}`],
  ]
  await using alpha = await startDaemon({ host: first!, flags: flags('alpha', 'eth0:2376') })
  using wharf = wharfCli(alpha.socket)
  {
    await using beta = await startDaemon({ host: second!, flags: flags('beta', lan.addresses[1]!) })
    using other = wharfCli(beta.socket)
    const format = '{{.Name}} {{.Address}} {{.MTU}} {{.State}} {{.Self}}'
    const list = async () => (await wharf.ok('node', 'ls', '--format', format)).trim().split('\n')
    await eventually(list, ['alpha 192.0.2.1 1500 alive true', 'beta 192.0.2.2 1500 alive false'])
    assert.match(
      await other.ok('node', 'ls'),
      /^ID +NAME +ADDRESS +MTU +STATE +ENGINE VERSION\n[0-9a-f]{12} +alpha .*\n[0-9a-f]{12} \* +beta /,
    )
    const [self] = JSON.parse(await other.ok('node', 'inspect', 'beta'))
    assert.deepEqual(
      [self.Name, self.Store.Reachable, self.Store.Members, self.Endpoints],
      ['beta', true, etcd.members, []],
    )
    const info = JSON.parse(await wharf.ok('info', '--format', '{{json .}}'))
    assert.deepEqual([info.ClusterStore, info.ClusterAdvertise], [store, '192.0.2.1:2376'])
    const refused = await wharf.run(['node', 'rm', 'beta'])
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /Cannot remove node "beta" \([0-9a-f]{12}\): it is alive/)
    await clone(alpha.root, (words) =>
      second!.exec(process.execPath, [main, 'daemon', ...words, ...flags('copy', 'eth0')]),
    )
  }
  await eventually(async () => (await wharf.ok('node', 'inspect', '-f', '{{.State}}', 'beta')).trim(), 'lost')
  assert.equal((await wharf.ok('node', 'rm', 'beta')).trim(), 'beta')
  assert.equal((await wharf.ok('node', 'ls', '--format', '{{.Name}}')).trim(), 'alpha')

  await etcd.kill9(0)
  await alpha.stop()
  await alpha.start()
  assert.equal(
    (await wharf.ok('node', 'inspect', '-f', '{{.State}} {{.Store.Reachable}}', 'alpha')).trim(),
    'unknown false',
  )
})

test('wharf daemon refuses settings of a cluster that cannot be, and without any has no nodes', {
  skip,
  timeout: 150_000,
}, async () => {
  using lan = createLan(1)
  const host = lan.hosts[0]!
  const cases: readonly [string[], RegExp][] = [
    [['--cluster-store', 'consul://192.0.2.1'], /Consul and ZooKeeper are not supported/],
    [['--cluster-store', 'etcd://192.0.2.1'], /cluster-store and cluster-advertise need each other/],
    [
      ['--cluster-store', 'etcd://192.0.2.1', '--cluster-advertise', 'eth7'],
      /Cannot advertise "eth7": there is no such interface/,
    ],
    [['--cluster-store', 'etcd://192.0.2.1', '--cluster-advertise', '192.0.2.9:2376'], /no interface has that address/],
    [
      [
        ...['--cluster-store', 'etcd://192.0.2.1', '--cluster-advertise', 'eth0'],
        ...['--cluster-store-opt', 'kv.cacertfile=/etc/passwd'],
      ],
      /Cannot use the cluster store: "\/etc\/passwd" is no certificate: .*PEM/,
    ],
  ]
  for (const [words, message] of cases) {
    const root = mkdtempSync(join(tmpdir(), 'wharf-'))
    const places = ['--data-root', `${root}/data`, '--exec-root', `${root}/run`, '--host', `unix://${root}/s`]
    const { code, stderr } = await host.exec(process.execPath, [main, 'daemon', ...places, ...words])
    assert.deepEqual([code, message.test(stderr)], [1, true], stderr)
    rmSync(root, { recursive: true })
  }
  await using daemon = await startDaemon({ host })
  using wharf = wharfCli(daemon.socket)
  const { code, stderr } = await wharf.run(['node', 'ls'])
  assert.equal(code, 1)
  assert.match(stderr, /This engine shares no networks with other hosts: start it with --cluster-store/)
})

/** A copy of a host's disk, started on another host, must not join. */
async function clone(
  root: string,
  start: (words: string[]) => Promise<{ code: number; stderr: string }>,
): Promise<void> {
  const copy = mkdtempSync(join(tmpdir(), 'copy-'))
  for (const file of ['wharf.db', 'wharf.db-wal']) cpSync(join(root, 'data', file), join(copy, 'data', file))
  const { code, stderr } = await start([
    '--data-root',
    `${copy}/data`,
    '--exec-root',
    `${copy}/run`,
    '--host',
    `unix://${copy}/s`,
  ])
  assert.equal(code, 1)
  assert.match(stderr, /Cannot join the cluster as "copy": another machine is in it with the same node id/)
  rmSync(copy, { recursive: true })
}
