import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { runOk } from '../support/finished.ts'
import { rawHttp } from '../support/raw-http.ts'

const busy = ['busybox', 'sh', '-c', 'while :; do :; done']
const idle = ['busybox', 'sleep', '1000']

engineTest('stats tell what a container uses, as the control group and ip see it', async (engine) => {
  const { docker, api, daemon } = engine
  await docker.ok('network', 'create', 'lan')
  await docker.ok('run', '-d', '--name', 'peer', '--net', 'lan', ...idle)
  await docker.ok('run', '-d', '--name', 'box', '--net', 'lan', '-m', '64m', '--pids-limit', '20', ...busy)
  await docker.ok('network', 'connect', 'bridge', 'box')
  await engine.sh('box', 'ping -c 3 -s 1000 -i 0.1 peer; head -c 8000000 /dev/zero > /tmp/some')
  const container = api.getContainer('box')
  const { SandboxKey } = (await container.inspect()).NetworkSettings
  const links = JSON.parse(await runOk('nsenter', [`--net=${SandboxKey}`, 'ip', '-j', '-s', 'link']))
  const stats = await container.stats({ stream: false })
  const counted = (name: string, stats64: any) => links.find(({ ifname }: any) => ifname === name)[stats64]
  assert.deepEqual(Object.keys(stats.networks), ['eth0', 'eth1'])
  const { rx_bytes, tx_packets, rx_errors, tx_dropped } = stats.networks['eth0']
  assert.ok(rx_bytes >= 3 * 1000 && tx_packets >= 3, JSON.stringify(stats.networks))
  assert.ok(rx_bytes >= counted('eth0', 'stats64').rx.bytes)
  assert.ok(tx_packets - counted('eth0', 'stats64').tx.packets < 20)
  assert.deepEqual([rx_errors, tx_dropped], [0, 0])
  const { cpu_stats: cpu, precpu_stats: before, memory_stats: memory } = stats
  const share =
    (cpu.cpu_usage.total_usage - before.cpu_usage.total_usage) / (cpu.system_cpu_usage - before.system_cpu_usage)
  // One process has one processor; the two counters are not read at the same moment.
  assert.ok(share > 0 && share * cpu.online_cpus <= 1.5, `${share}`)
  assert.ok(cpu.cpu_usage.usage_in_usermode > 0)
  assert.deepEqual([memory.limit, stats.pids_stats], [64 * 2 ** 20, { current: 1, limit: 20 }])
  assert.ok(memory.usage > 8_000_000 && memory.usage < memory.limit)
  const seconds = (Date.parse(stats.read) - Date.parse(stats.preread)) / 1000
  assert.ok(seconds > 0.4, `${stats.preread} ${stats.read}`)
  assert.deepEqual([stats.name, stats.id], ['/box', (await container.inspect()).Id])
  const asked = await rawHttp(daemon.socket)('GET', '/v1.41/containers/box/stats?stream=0&one-shot=1')
  assert.equal(asked.json.preread, '0001-01-01T00:00:00Z')
  // On a busy machine it may not have had its turn since.
  assert.ok(asked.json.cpu_stats.cpu_usage.total_usage >= cpu.cpu_usage.total_usage)
})

engineTest(
  'docker stats and wharf stats print the same tables, and the same words for what is not there',
  async (engine) => {
    const { docker, wharf } = engine
    await docker.ok('run', '-d', '--name', 'box', '--net', 'none', ...idle)
    await docker.ok('create', '--name', 'still', ...idle)
    const same = async (...words: string[]) => {
      const [one, other] = await Promise.all([docker.run(['stats', ...words]), wharf.run(['stats', ...words])])
      assert.deepEqual(other, one)
      return one
    }
    const steady = '{{.Name}} {{.CPUPerc}} {{.NetIO}} {{.BlockIO}} {{.PIDs}}'
    assert.equal((await same('--no-stream', '--format', steady)).stdout, 'box 0.00% 0B / 0B 0B / 0B 1\n')
    const all = await same('-a', '--no-stream', '--format', `table ${steady.replaceAll(' ', '\t')}\t{{.MemPerc}}`)
    assert.match(all.stdout, /^still +0\.00% +0B \/ 0B +0B \/ 0B +0 +0\.00%$/m)
    assert.match(
      (await same('--no-stream', 'box')).stdout,
      /^CONTAINER ID +NAME +CPU % +MEM USAGE \/ LIMIT +MEM % +NET/,
    )
    const json = JSON.parse((await same('--no-stream', '--no-trunc', '--format', 'json', 'still')).stdout)
    assert.deepEqual([json.Container, json.MemUsage, json.ID.length], ['still', '0B / 0B', 64])
    for (const words of [['--no-stream', 'nobody', 'box'], ['nobody']]) {
      const { code, stdout, stderr } = await same(...words)
      assert.deepEqual([code, stdout, stderr], [1, '', 'Error response from daemon: No such container: nobody\n'])
    }
  },
)

engineTest(
  'a container in another one’s network has that one’s interfaces; on the host’s, and on none, it has none',
  async (engine) => {
    const { docker, api } = engine
    await docker.ok('run', '-d', '--name', 'donor', ...idle)
    await docker.ok('run', '-d', '--name', 'guest', '--net', 'container:donor', ...idle)
    await docker.ok('run', '-d', '--name', 'open', '--net', 'host', ...idle)
    await docker.ok('run', '-d', '--name', 'alone', '--net', 'none', ...idle)
    const networks = async (name: string) =>
      (await api.getContainer(name).stats({ stream: false, 'one-shot': true })).networks
    assert.deepEqual(Object.keys(await networks('guest')), ['eth0'])
    assert.deepEqual([await networks('open'), await networks('alone')], [undefined, undefined])
  },
)

engineTest('a container that does not run uses nothing; one that comes and goes is followed', async (engine) => {
  const { docker, wharf, daemon } = engine
  const http = rawHttp(daemon.socket)
  await docker.ok('create', '--name', 'still', ...idle)
  const { json } = await http('GET', '/containers/still/stats?stream=false')
  assert.deepEqual([json.read, json.memory_stats, json.pids_stats], ['0001-01-01T00:00:00Z', {}, {}])
  assert.deepEqual(json.cpu_stats, json.precpu_stats)
  assert.equal('networks' in json, false)
  const both = await http('GET', '/containers/still/stats?stream=1&one-shot=1')
  assert.deepEqual([both.status, both.json.message], [400, 'cannot have stream=true and one-shot=true'])
  const unknown = await http('GET', '/containers/nobody/stats')
  assert.deepEqual([unknown.status, unknown.json.message], [404, 'No such container: nobody'])

  await using terminal = wharf.terminal(['stats'])
  await using dockers = docker.terminal(['stats'])
  for (const each of [terminal, dockers]) await each.expect(/CONTAINER ID/)
  await docker.ok('start', 'still')
  for (const each of [terminal, dockers]) await each.expect(/still +\d+\.\d\d%/)
  await docker.ok('kill', 'still')
  await eventually(async () => /PIDS\S*\s*\x1b\[K\n?\s*\x1b\[J$/.test(terminal.output.trimEnd()), true)
})
