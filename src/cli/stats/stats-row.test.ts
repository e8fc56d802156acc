import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CpuStats, StatsAnswer } from '../../protocol/stats.ts'
import { statsRow } from './stats-row.ts'

const cpu = (used: number, system: number): CpuStats => ({
  cpu_usage: { total_usage: used, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  system_cpu_usage: system,
  online_cpus: 4,
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
})

const carried = { rx_packets: 1, rx_errors: 0, rx_dropped: 0, tx_packets: 1, tx_errors: 0, tx_dropped: 0 }

const stats: StatsAnswer = {
  name: '/web',
  id: '0123456789abcdef',
  read: '2026-01-01T00:00:01Z',
  preread: '2026-01-01T00:00:00Z',
  pids_stats: { current: 3 },
  blkio_stats: {
    io_service_bytes_recursive: [
      { major: 8, minor: 0, op: 'Read', value: 4096 },
      { major: 8, minor: 0, op: 'Write', value: 1_500_000 },
      { major: 8, minor: 0, op: 'Total', value: 1_504_096 },
      { major: 8, minor: 16, op: 'read', value: 4096 },
    ],
  },
  num_procs: 0,
  storage_stats: {},
  cpu_stats: cpu(1500, 10_000),
  precpu_stats: cpu(500, 8000),
  memory_stats: { usage: 3 * 2 ** 20, stats: { total_inactive_file: 2 ** 20 }, limit: 2 ** 23 },
  networks: {
    eth0: { ...carried, rx_bytes: 1000, tx_bytes: 10 },
    eth1: { ...carried, rx_bytes: 234, tx_bytes: 5 },
  },
}

test('statsRow() reckons as Docker does: processors, memory without idle files, all interfaces and disks', () => {
  assert.deepEqual(statsRow('web', stats, false), {
    BlockIO: '8.19kB / 1.5MB',
    CPUPerc: '200.00%',
    Container: 'web',
    ID: '0123456789ab',
    MemPerc: '25.00%',
    MemUsage: '2MiB / 8MiB',
    Name: 'web',
    NetIO: '1.23kB / 15B',
    PIDs: '3',
  })
})

test('statsRow() shows dashes where nothing is known, and nothing where nothing runs', () => {
  const { CPUPerc, MemUsage, PIDs } = statsRow('web', undefined, false)
  assert.deepEqual([CPUPerc, MemUsage, PIDs], ['--', '-- / --', '--'])
  const idle = {
    ...stats,
    blkio_stats: {},
    pids_stats: {},
    memory_stats: {},
    cpu_stats: cpu(0, 0),
    precpu_stats: cpu(0, 0),
  }
  const { networks: _, ...stopped } = idle
  const row = statsRow('web', stopped, true)
  assert.deepEqual(
    [row['CPUPerc'], row['MemUsage'], row['MemPerc'], row['NetIO']],
    ['0.00%', '0B / 0B', '0.00%', '0B / 0B'],
  )
})
