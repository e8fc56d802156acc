import { join } from 'node:path'
import { parseStatV1, parseStatV2 } from './cgroup-texts.ts'
import { type CgroupMode, cgroupMode } from './cgroups.ts'
import { type KeptFile, keepFileIfThere } from './kept-file.ts'

/** What a control group has used so far, and may use. Times in nanoseconds, sizes in bytes. */
export interface CgroupCounters {
  /** Of the control groups: what some counters mean depends on it. */
  readonly version: 1 | 2
  readonly cpu: {
    readonly total: number
    readonly kernel: number
    readonly user: number
    /** Each processor's part of `total`; empty where the kernel does not say (version 2). */
    readonly perProcessor: readonly number[]
    /** Periods of a quota that have passed, those in which it was used up, and how long processes waited for the next. */
    readonly periods: number
    readonly throttledPeriods: number
    readonly throttledTime: number
  }
  readonly memory: {
    readonly usage: number
    /** The most it ever was; undefined where the kernel does not say (version 2). */
    readonly peak: number | undefined
    /** `Infinity`: none. */
    readonly limit: number
    /** How often the limit was hit; on version 2, how often that was the end of a process. */
    readonly failures: number
    /** The lines of `memory.stat`: `{ inactive_file: 4096, … }`. */
    readonly stat: Readonly<Record<string, number>>
  }
  readonly pids: {
    readonly current: number
    /** `Infinity`: none. */
    readonly limit: number
  }
  readonly io: {
    readonly bytes: readonly IoCount[]
    /** Empty where the kernel's are not asked for, as Docker (version 2). */
    readonly operations: readonly IoCount[]
  }
}

/** What was done to one block device: bytes, or operations. */
export interface IoCount {
  readonly major: number
  readonly minor: number
  /** As the kernel writes it: `"Read"`, `"Total"`; `"read"` and `"write"` on version 2. */
  readonly op: string
  readonly value: number
}

const root = '/sys/fs/cgroup'

/** The files of each version that are read, by controller and name. A kernel may lack some: they count as empty. */
const files = {
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
export type CgroupTexts<Version extends 1 | 2> = Readonly<Record<keyof (typeof files)[Version], string>>

/**
 * Reads the counters of one control group. It keeps the files open, so that each costs one system call; the group may be
 * removed meanwhile.
 *
 * @source Documentation/admin-guide/cgroup-v1/, Documentation/admin-guide/cgroup-v2.rst
 */
export class CgroupReader implements Disposable {
  readonly #version: 1 | 2
  readonly #files: readonly (readonly [name: string, file: KeptFile])[]
  readonly #blank: Readonly<Record<string, string>>
  readonly #owned = new DisposableStack()

  /** @param path  from the root of the hierarchies: `"/wharf/0123…"` */
  constructor(path: string, mode: CgroupMode = cgroupMode()) {
    this.#version = mode === 'unified' ? 2 : 1
    using undo = new DisposableStack()
    const entries = Object.entries<readonly [string, string]>(files[this.#version])
    this.#blank = Object.fromEntries(entries.map(([name]) => [name, '']))
    this.#files = entries.flatMap(([name, [controller, file]]) => {
      const kept = keepFileIfThere(join(root, controller, path, file))
      return kept === undefined ? [] : [[name, undo.use(kept)] as const]
    })
    this.#owned.use(undo.move())
  }

  /** What was used until now; undefined when there is no such group, or not any more. */
  read(): CgroupCounters | undefined {
    if (this.#files.length === 0) return undefined
    const texts: Record<string, string> = { ...this.#blank }
    try {
      for (const [name, file] of this.#files) texts[name] = file.read()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENODEV') return undefined
      throw error
    }
    // The names are those of the table above.
    return this.#version === 2 ? parseStatV2(texts as CgroupTexts<2>) : parseStatV1(texts as CgroupTexts<1>)
  }

  [Symbol.dispose](): void {
    this.#owned.dispose()
  }
}
