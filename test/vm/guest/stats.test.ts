// Virtual machine: no modules
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { engineTest } from '../../support/engine-test.ts'
import { numberOf, readMetrics } from '../../support/prometheus.ts'
import { rawHttp } from '../../support/raw-http.ts'

const burn = 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; exec sleep 1000'

engineTest(
  'stats and metrics read version 2 of control groups, as their files say',
  async ({ docker, daemon }) => {
    const limits = ['-m', '64m', '--cpus', '0.5', '--pids-limit', '40']
    await docker.ok('run', '-d', '--name', 'box', ...limits, 'busybox', 'sh', '-c', burn)
    await docker.ok('run', '-d', '--name', 'free', '--net', 'none', 'busybox', 'sleep', '1000')
    const http = rawHttp(daemon.socket)
    const stats = (await http('GET', '/containers/box/stats?stream=false')).json
    const id = await docker.ok('inspect', '-f', '{{.Id}}', 'box')
    const lines = (file: string) =>
      Object.fromEntries(
        readFileSync(`/sys/fs/cgroup/wharf/${id}/${file}`, 'utf8')
          .trim()
          .split('\n')
          .map((line) => line.split(' ') as [string, string]),
      )
    const now = lines('cpu.stat')
    const { cpu_usage, throttling_data, online_cpus, system_cpu_usage } = stats.cpu_stats
    assert.ok(cpu_usage.total_usage > 0 && cpu_usage.total_usage <= Number(now['usage_usec']) * 1000)
    assert.ok(cpu_usage.usage_in_usermode > 0 && throttling_data.periods > 0)
    assert.ok(online_cpus >= 1 && system_cpu_usage > stats.precpu_stats.system_cpu_usage)
    assert.equal('percpu_usage' in cpu_usage, false)
    const { memory_stats: memory } = stats
    assert.deepEqual([memory.limit, 'max_usage' in memory, stats.pids_stats.limit], [64 * 2 ** 20, false, 40])
    assert.deepEqual(Object.keys(memory.stats), Object.keys(lines('memory.stat')))
    assert.ok(memory.usage >= memory.stats.anon && memory.stats.anon > 0)
    assert.deepEqual(Object.keys(stats.networks), ['eth0'])
    assert.match((await http('GET', '/containers/free/stats?stream=false')).text, /"limit":18446744073709551615\}/)
    assert.match(await docker.ok('stats', '--no-stream', '--format', '{{.Name}} {{.PIDs}}'), /^box [12]$/m)
    const metrics = readMetrics((await http('GET', '/metrics')).text)
    assert.equal(numberOf(metrics, 'wharf_container_memory_limit_bytes'), 64 * 2 ** 20)
    assert.ok(numberOf(metrics, 'wharf_container_cpu_throttled_periods_total', { name: 'box' }) >= 0)
  },
  { timeoutMs: 180_000 },
)
