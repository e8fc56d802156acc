/** One entry of the block I/O lists. */
export interface BlkioEntry {
  readonly major: number
  readonly minor: number
  readonly op: string
  readonly value: number
}

/** What processors have done for a container; nanoseconds. */
export interface CpuStats {
  readonly cpu_usage: {
    readonly total_usage: number
    /** For each processor; on version 1 of control groups only. */
    readonly percpu_usage?: readonly number[]
    readonly usage_in_kernelmode: number
    readonly usage_in_usermode: number
  }
  /** Of the whole machine. */
  readonly system_cpu_usage?: number
  readonly online_cpus?: number
  readonly throttling_data: {
    readonly periods: number
    readonly throttled_periods: number
    readonly throttled_time: number
  }
}

/** What a container's interface has carried. */
export interface NetworkStats {
  readonly rx_bytes: number
  readonly rx_packets: number
  readonly rx_errors: number
  readonly rx_dropped: number
  readonly tx_bytes: number
  readonly tx_packets: number
  readonly tx_errors: number
  readonly tx_dropped: number
}

/** What a container uses. @source Docker Engine API v1.51, ContainerStats */
export interface StatsAnswer {
  /** With its slash. */
  readonly name: string
  readonly id: string
  /** RFC 3339; `0001-01-01T00:00:00Z`: it does not run. */
  readonly read: string
  readonly preread: string
  readonly pids_stats: { readonly current?: number; readonly limit?: unknown }
  readonly blkio_stats: Readonly<Record<string, readonly BlkioEntry[] | null>>
  readonly num_procs: number
  readonly storage_stats: object
  readonly cpu_stats: CpuStats
  readonly precpu_stats: CpuStats
  readonly memory_stats: {
    readonly usage?: number
    readonly max_usage?: number
    readonly stats?: Readonly<Record<string, number>>
    readonly failcnt?: number
    readonly limit?: number
  }
  /** By interface: `eth0`. Missing where there is none. */
  readonly networks?: Readonly<Record<string, NetworkStats>>
}
