import type { Family, Labels, Sample } from '../../base/meters.ts'
import type { Measurement } from '../../container/stats/measurement.ts'
import type { InterfaceTraffic } from '../../network/sandbox/traffic.ts'

const nanosecondsPerSecond = 1e9

/** A number of every container; undefined where it has none. */
type Pick = (measurement: Measurement) => number | undefined
/** A number of every interface of every container. */
type PickTraffic = (traffic: InterfaceTraffic) => number

const counters: readonly (readonly [name: string, help: string, pick: Pick])[] = [
  ['cpu_seconds_total', 'Processor time', ({ used }) => used.cpu.total / nanosecondsPerSecond],
  ['cpu_user_seconds_total', 'Processor time of its programs', ({ used }) => used.cpu.user / nanosecondsPerSecond],
  [
    'cpu_system_seconds_total',
    'Processor time of the kernel for it',
    ({ used }) => used.cpu.kernel / nanosecondsPerSecond,
  ],
  ['cpu_periods_total', 'Periods of its quota of processor time', ({ used }) => used.cpu.periods],
  [
    'cpu_throttled_periods_total',
    'Periods in which its quota of processor time was used up',
    ({ used }) => used.cpu.throttledPeriods,
  ],
  [
    'cpu_throttled_seconds_total',
    'Time that its processes waited for the next period',
    ({ used }) => used.cpu.throttledTime / nanosecondsPerSecond,
  ],
  ['memory_failures_total', 'How often its memory was not enough', ({ used }) => used.memory.failures],
]

const gauges: readonly (readonly [name: string, help: string, pick: Pick])[] = [
  ['memory_usage_bytes', 'Memory, with what files keep of it', ({ used }) => used.memory.usage],
  ['memory_working_set_bytes', 'Memory without files that nobody has read for some time', workingSet],
  [
    'memory_limit_bytes',
    'The most memory that it may have, where there is a limit',
    ({ used }) => finite(used.memory.limit),
  ],
  ['processes', 'Processes and threads', ({ used }) => used.pids.current],
  [
    'processes_limit',
    'The most processes that it may have, where there is a limit',
    ({ used }) => finite(used.pids.limit),
  ],
]

const traffic: readonly (readonly [name: string, help: string, pick: PickTraffic])[] = [
  ['receive_bytes_total', 'Bytes that came to it', (one) => one.receivedBytes],
  ['receive_packets_total', 'Packets that came to it', (one) => one.receivedPackets],
  ['receive_errors_total', 'Packets that came to it broken', (one) => one.receiveErrors],
  ['receive_dropped_total', 'Packets that came to it and were dropped', (one) => one.receiveDropped],
  ['transmit_bytes_total', 'Bytes that it sent', (one) => one.sentBytes],
  ['transmit_packets_total', 'Packets that it sent', (one) => one.sentPackets],
  ['transmit_errors_total', 'Packets that it could not send', (one) => one.sendErrors],
  ['transmit_dropped_total', 'Packets of its own that were dropped', (one) => one.sendDropped],
]

/** What each container that runs has used: `wharf_container_…`. Whoever shares another one's network shows that one's. */
export function containerFamilies(measurements: readonly Measurement[]): Family[] {
  const labelled = measurements.map((each) => ({ each, labels: labelsOf(each) }))
  const family = (type: Family['type'], [name, help, pick]: (typeof counters)[number]): Family => ({
    name: `wharf_container_${name}`,
    help,
    type,
    samples: labelled.flatMap(({ each, labels }) => {
      const value = pick(each)
      return value === undefined ? [] : [{ labels, value }]
    }),
  })
  const interfaces = labelled.flatMap(({ each, labels }) =>
    each.traffic.map((one) => ({ one, labels: { ...labels, interface: one.interfaceName, network: one.networkName } })),
  )
  return [
    ...counters.map((spec) => family('counter', spec)),
    ...gauges.map((spec) => family('gauge', spec)),
    blockFamily(labelled),
    ...traffic.map(([name, help, pick]): Family => {
      const samples = interfaces.map(({ one, labels }) => ({ labels, value: pick(one) }))
      return { name: `wharf_container_network_${name}`, help, type: 'counter', samples }
    }),
  ]
}

function blockFamily(labelled: readonly { readonly each: Measurement; readonly labels: Labels }[]): Family {
  const samples = labelled.flatMap(({ each, labels }): Sample[] => {
    const bytes = (op: string) => {
      const counts = each.used.io.bytes.filter((one) => one.op.toLowerCase() === op)
      return counts.reduce((sum, { value }) => sum + value, 0)
    }
    return ['read', 'write'].map((op) => ({ labels: { ...labels, operation: op }, value: bytes(op) }))
  })
  return { name: 'wharf_container_block_bytes_total', help: 'Bytes of block devices', type: 'counter', samples }
}

function labelsOf({ containerId, containerName }: Measurement): Labels {
  return { id: containerId.slice(0, 12), name: containerName }
}

function workingSet({ used: { memory } }: Measurement): number {
  const idle = memory.stat['total_inactive_file'] ?? memory.stat['inactive_file'] ?? 0
  return Math.max(0, memory.usage - idle)
}

function finite(value: number): number | undefined {
  return value === Number.POSITIVE_INFINITY ? undefined : value
}
