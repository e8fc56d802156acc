import { never } from '../../base/clock.ts'
import type { ContainerStats, Measurement } from '../../container/stats/measurement.ts'
import type { CpuStats, NetworkStats, StatsAnswer } from '../../protocol/stats.ts'

declare global {
  interface JSON {
    /** A value that is written as it stands. @source ECMAScript proposal "JSON.parse source text access" */
    rawJSON(text: string): object
  }
}

/** How Docker writes "no limit" on version 2 of control groups: the largest number of 64 bits, which ours are not. */
const unlimited = JSON.rawJSON('18446744073709551615')

const noIo = {
  io_service_bytes_recursive: null,
  io_serviced_recursive: null,
  io_queue_recursive: null,
  io_service_time_recursive: null,
  io_wait_time_recursive: null,
  io_merged_recursive: null,
  io_time_recursive: null,
  sectors_recursive: null,
}

const noCpu: CpuStats = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
}

/**
 * One answer of `/containers/{id}/stats`.
 *
 * @param machineMemory  bytes: no container can have more
 */
export function statsView(stats: ContainerStats, machineMemory: number): StatsAnswer {
  const { containerId, containerName, now, before } = stats
  return {
    name: `/${containerName}`,
    id: containerId,
    read: now?.time ?? never,
    preread: before?.time ?? never,
    pids_stats: now ? pids(now) : {},
    blkio_stats: now ? io(now) : noIo,
    num_procs: 0, // Windows
    storage_stats: {}, // Windows
    cpu_stats: now ? cpu(now) : noCpu,
    precpu_stats: before ? cpu(before) : noCpu,
    memory_stats: now ? memory(now, machineMemory) : {},
    ...(now && now.traffic.length > 0 && { networks: networks(now) }),
  }
}

function pids({
  used: {
    pids: { current, limit },
    version,
  },
}: Measurement): StatsAnswer['pids_stats'] {
  if (limit !== Number.POSITIVE_INFINITY) return { current, limit }
  return version === 2 ? { current, limit: unlimited } : { current }
}

function io({
  used: {
    io: { bytes, operations },
    version,
  },
}: Measurement): StatsAnswer['blkio_stats'] {
  if (version === 2) return { ...noIo, io_service_bytes_recursive: bytes.length > 0 ? bytes : null }
  // Version 1 has the other counters only where its own scheduler of disks is at work, which no kernel has any more.
  return {
    io_service_bytes_recursive: bytes,
    io_serviced_recursive: operations,
    io_queue_recursive: [],
    io_service_time_recursive: [],
    io_wait_time_recursive: [],
    io_merged_recursive: [],
    io_time_recursive: [],
    sectors_recursive: [],
  }
}

function cpu({ used: { cpu: used }, systemTime, processors }: Measurement): CpuStats {
  return {
    cpu_usage: {
      total_usage: used.total,
      ...(used.perProcessor.length > 0 && { percpu_usage: used.perProcessor }),
      usage_in_kernelmode: used.kernel,
      usage_in_usermode: used.user,
    },
    system_cpu_usage: systemTime,
    online_cpus: processors,
    throttling_data: {
      periods: used.periods,
      throttled_periods: used.throttledPeriods,
      throttled_time: used.throttledTime,
    },
  }
}

function memory({ used: { memory: used } }: Measurement, machineMemory: number): StatsAnswer['memory_stats'] {
  return {
    usage: used.usage,
    ...(used.peak !== undefined && { max_usage: used.peak }),
    stats: used.stat,
    ...(used.failures > 0 && { failcnt: used.failures }),
    limit: Math.min(used.limit, machineMemory),
  }
}

function networks({ traffic }: Measurement): Readonly<Record<string, NetworkStats>> {
  return Object.fromEntries(
    traffic.map((each) => [
      each.interfaceName,
      {
        rx_bytes: each.receivedBytes,
        rx_packets: each.receivedPackets,
        rx_errors: each.receiveErrors,
        rx_dropped: each.receiveDropped,
        tx_bytes: each.sentBytes,
        tx_packets: each.sentPackets,
        tx_errors: each.sendErrors,
        tx_dropped: each.sendDropped,
      },
    ]),
  )
}
