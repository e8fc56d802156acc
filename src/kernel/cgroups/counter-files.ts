/** The files of each version that are read, by controller and name. A kernel may lack some: they count as empty. */
export const counterFiles = {
  1: {
    perProcessor: ['cpuacct', 'cpuacct.usage_percpu'],
    processorStat: ['cpuacct', 'cpuacct.stat'],
    throttling: ['cpu', 'cpu.stat'],
    usage: ['memory', 'memory.usage_in_bytes'],
    peak: ['memory', 'memory.max_usage_in_bytes'],
    failures: ['memory', 'memory.failcnt'],
    memoryStat: ['memory', 'memory.stat'],
    pids: ['pids', 'pids.current'],
    pidsMax: ['pids', 'pids.max'],
    bytes: ['blkio', 'blkio.throttle.io_service_bytes_recursive'],
    operations: ['blkio', 'blkio.throttle.io_serviced_recursive'],
  },
  2: {
    cpuStat: ['', 'cpu.stat'],
    usage: ['', 'memory.current'],
    limit: ['', 'memory.max'],
    events: ['', 'memory.events'],
    memoryStat: ['', 'memory.stat'],
    pids: ['', 'pids.current'],
    pidsMax: ['', 'pids.max'],
    io: ['', 'io.stat'],
  },
} as const

/** What each file says now, by its name in the table above. */
export type CgroupTexts<Version extends 1 | 2> = Readonly<Record<keyof (typeof counterFiles)[Version], string>>
