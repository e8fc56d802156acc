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
