import type { CgroupTexts } from './counter-files.ts'
import type { CgroupCounters, IoCount } from './counters.ts'

/** `USER_HZ`: a hundredth of a second, on every architecture that Node runs on. */
const nanosecondsPerTick = 10_000_000
const nanosecondsPerMicrosecond = 1000
/** Version 1 has no word for "no limit": it says the largest number of pages. Nothing real comes near it. */
const unlimitedFrom = 2 ** 62

/** Reads the files of a version 1 group. @source Documentation/admin-guide/cgroup-v1/{cpuacct,memory,pids,blkio-controller}.rst */
export function parseStatV1(texts: CgroupTexts<1>): CgroupCounters {
  const perProcessor = parseWords(texts.perProcessor)
  const ticks = parseLines(texts.processorStat)
  const throttling = parseLines(texts.throttling)
  const stat = parseLines(texts.memoryStat)
  const limit = stat['hierarchical_memory_limit'] ?? 0
  return {
    version: 1,
    cpu: {
      total: perProcessor.reduce((sum, one) => sum + one, 0),
      kernel: (ticks['system'] ?? 0) * nanosecondsPerTick,
      user: (ticks['user'] ?? 0) * nanosecondsPerTick,
      perProcessor,
      periods: throttling['nr_periods'] ?? 0,
      throttledPeriods: throttling['nr_throttled'] ?? 0,
      throttledTime: throttling['throttled_time'] ?? 0,
    },
    memory: {
      usage: Number(texts.usage),
      peak: Number(texts.peak),
      limit: limit === 0 || limit >= unlimitedFrom ? Number.POSITIVE_INFINITY : limit,
      failures: Number(texts.failures),
      stat,
    },
    pids: { current: Number(texts.pids), limit: parseLimit(texts.pidsMax) },
    io: { bytes: parseDevices(texts.bytes), operations: parseDevices(texts.operations) },
  }
}

/** Reads the files of a version 2 group. @source Documentation/admin-guide/cgroup-v2.rst, "Controllers" */
export function parseStatV2(texts: CgroupTexts<2>): CgroupCounters {
  const cpu = parseLines(texts.cpuStat)
  const nanoseconds = (key: string) => (cpu[key] ?? 0) * nanosecondsPerMicrosecond
  return {
    version: 2,
    cpu: {
      total: nanoseconds('usage_usec'),
      kernel: nanoseconds('system_usec'),
      user: nanoseconds('user_usec'),
      perProcessor: [],
      periods: cpu['nr_periods'] ?? 0,
      throttledPeriods: cpu['nr_throttled'] ?? 0,
      throttledTime: nanoseconds('throttled_usec'),
    },
    memory: {
      usage: Number(texts.usage),
      peak: undefined,
      limit: parseLimit(texts.limit),
      failures: parseLines(texts.events)['oom'] ?? 0,
      stat: parseLines(texts.memoryStat),
    },
    pids: { current: Number(texts.pids), limit: parseLimit(texts.pidsMax) },
    io: { bytes: parseIoStat(texts.io), operations: [] },
  }
}

/** `"max"`, or no file at all: no limit. */
function parseLimit(text: string): number {
  return text === '' || text.startsWith('max') ? Number.POSITIVE_INFINITY : Number(text)
}

function parseWords(text: string): number[] {
  return text.split(' ').flatMap((word) => (word.trim() === '' ? [] : Number(word)))
}

/** Lines of a word and a number. By hand: this runs for every container, every second. */
function parseLines(text: string): Record<string, number> {
  const values: Record<string, number> = {}
  for (let at = 0; at < text.length; ) {
    const found = text.indexOf('\n', at)
    const end = found < 0 ? text.length : found
    const blank = text.indexOf(' ', at)
    if (blank > at && blank < end) values[text.slice(at, blank)] = Number(text.slice(blank + 1, end))
    at = end + 1
  }
  return values
}

/** `"8:0 Read 4096"`; the grand total, which names no device, is left out. */
function parseDevices(text: string): IoCount[] {
  return text.split('\n').flatMap((line) => {
    const [device = '', op = '', value] = line.split(' ')
    return value === undefined ? [] : [{ ...parseDevice(device), op, value: Number(value) }]
  })
}

/** `"8:0 rbytes=4096 wbytes=0 rios=1 …"`: the bytes, under the names that Docker gives them. */
function parseIoStat(text: string): IoCount[] {
  return text.split('\n').flatMap((line) => {
    const [device = '', ...words] = line.split(' ')
    const values = new Map(words.map((word) => word.split('=') as [string, string]))
    const count = (op: string, key: string): IoCount[] =>
      values.has(key) ? [{ ...parseDevice(device), op, value: Number(values.get(key)) }] : []
    return [...count('read', 'rbytes'), ...count('write', 'wbytes')]
  })
}

function parseDevice(device: string): { readonly major: number; readonly minor: number } {
  const [major = 0, minor = 0] = device.split(':').map(Number)
  return { major, minor }
}
