import type { CpuStats, StatsAnswer } from '../../protocol/stats.ts'
import type { Row } from '../format/list.ts'
import { binarySize, humanSize } from '../format/units.ts'
import { shortId } from '../format/words.ts'

/** Digits of what networks and disks carried, as Docker shows them. */
const digits = 3

/**
 * One line of `stats`, as a template sees it.
 *
 * @param name  what the user called the container by
 * @param stats  undefined: nothing is known yet
 */
export function statsRow(name: string, stats: StatsAnswer | undefined, full: boolean): Row {
  if (stats === undefined) {
    const unknown = '-- / --'
    const blank = { CPUPerc: '--', MemUsage: unknown, MemPerc: '--', NetIO: unknown, BlockIO: unknown, PIDs: '--' }
    return { ...blank, Container: name, ID: full ? name : shortId(name), Name: '--' }
  }
  const { memory_stats, networks, blkio_stats, pids_stats } = stats
  const [memory, limit] = [memoryUsed(memory_stats), memory_stats.limit ?? 0]
  const carried = Object.values(networks ?? {})
  const sum = (counts: readonly number[]) => counts.reduce((total, one) => total + one, 0)
  const ioBytes = (letter: string) => {
    const entries = blkio_stats['io_service_bytes_recursive'] ?? []
    return sum(entries.filter(({ op }) => op[0]?.toLowerCase() === letter).map(({ value }) => value))
  }
  const pair = (one: number, other: number) => `${humanSize(one, digits)} / ${humanSize(other, digits)}`
  return {
    BlockIO: pair(ioBytes('r'), ioBytes('w')),
    CPUPerc: `${cpuPercent(stats).toFixed(2)}%`,
    Container: name,
    ID: full ? stats.id : shortId(stats.id),
    MemPerc: `${(limit === 0 ? 0 : (memory / limit) * 100).toFixed(2)}%`,
    MemUsage: `${binarySize(memory)} / ${binarySize(limit)}`,
    Name: stats.name.replace(/^\//, ''),
    NetIO: pair(sum(carried.map((one) => one.rx_bytes)), sum(carried.map((one) => one.tx_bytes))),
    PIDs: String(pids_stats.current ?? 0),
  }
}

/** Of one processor, as Docker reckons: two busy ones are 200 %. */
export function cpuPercent({ cpu_stats: now, precpu_stats: before }: StatsAnswer): number {
  const system = (stats: CpuStats) => stats.system_cpu_usage ?? 0
  const passed = system(now) - system(before)
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage
  return passed > 0 && used > 0 ? (used / passed) * (now.online_cpus ?? 1) * 100 : 0
}

/** Without what the kernel would give back at once: files that nobody has read for some time. */
function memoryUsed({ usage = 0, stats = {} }: StatsAnswer['memory_stats']): number {
  const idle = stats['total_inactive_file'] ?? stats['inactive_file'] ?? 0
  return idle < usage ? usage - idle : usage
}
