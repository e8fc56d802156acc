/** How much a group may do with one block device in a second: bytes, or operations. */
export interface DeviceRate {
  readonly major: number
  readonly minor: number
  readonly rate: number
}

/** How much of one block device's time a group gets, against others: 10–1000. */
export interface DeviceWeight {
  readonly major: number
  readonly minor: number
  readonly weight: number
}

/**
 * Limits of a control group, of either version. What is not there is left as it is.
 *
 * @source opencontainers/runtime-spec 1.0.2, config-linux.md, "Control groups"
 */
export interface CgroupLimits {
  /** Bytes; -1 is no limit. `swap` counts memory and swap together. */
  readonly memory?: {
    readonly limit?: number
    readonly reservation?: number
    readonly swap?: number
    readonly kernel?: number
    /** 0–100. */
    readonly swappiness?: number
    readonly disableOOMKiller?: boolean
  }
  /** Microseconds, but for `shares`: 2–262144. A quota below 1 is none. */
  readonly cpu?: {
    readonly shares?: number
    readonly quota?: number
    readonly period?: number
    readonly realtimeRuntime?: number
    readonly realtimePeriod?: number
    readonly cpus?: string
    readonly mems?: string
  }
  /** Below 1: no limit. */
  readonly pids?: { readonly limit: number }
  readonly blockIO?: {
    readonly weight?: number
    readonly weightDevice?: readonly DeviceWeight[]
    readonly throttleReadBpsDevice?: readonly DeviceRate[]
    readonly throttleWriteBpsDevice?: readonly DeviceRate[]
    readonly throttleReadIOPSDevice?: readonly DeviceRate[]
    readonly throttleWriteIOPSDevice?: readonly DeviceRate[]
  }
}

/** One file of a control group, and what is to be written to it. */
export interface LimitFile {
  /** The hierarchy of version 1 that has it; there is only one in version 2. */
  readonly controller: 'memory' | 'cpu' | 'cpuset' | 'pids' | 'blkio'
  readonly name: string
  readonly value: string
  /** A file of one line for each device, or of devices and a default: what a line without a limit says after its key. */
  readonly unset?: string
}
