import { fields, flag, integer, list, type Schema, text } from './schema.ts'

/** How much of one block device's time a container gets, against others: 10–1000. */
export interface WeightDevice {
  readonly Path: string
  readonly Weight: number
}

/** How much a container may do with one block device in a second: bytes, or operations. */
export interface ThrottleDevice {
  readonly Path: string
  readonly Rate: number
}

/**
 * What a container may use of its host; 0, an empty text and a field that is not there are no limit.
 *
 * @source Docker Engine API v1.51, Resources
 */
export interface Limits {
  /** Bytes. */
  readonly Memory?: number
  /** Bytes of memory and swap together; -1: as much swap as there is. */
  readonly MemorySwap?: number
  /** Bytes. */
  readonly MemoryReservation?: number
  /** 0–100. */
  readonly MemorySwappiness?: number | null
  /** Bytes; of clients before API 1.42 only. */
  readonly KernelMemory?: number
  readonly OomKillDisable?: boolean | null
  /** Billionths of one CPU. */
  readonly NanoCpus?: number
  readonly CpuShares?: number
  /** Microseconds, like the three that follow. */
  readonly CpuPeriod?: number
  readonly CpuQuota?: number
  readonly CpuRealtimePeriod?: number
  readonly CpuRealtimeRuntime?: number
  /** `"0-2,4"`. */
  readonly CpusetCpus?: string
  readonly CpusetMems?: string
  /** 0 and -1: no limit. */
  readonly PidsLimit?: number | null
  /** 10–1000. */
  readonly BlkioWeight?: number
  readonly BlkioWeightDevice?: readonly WeightDevice[] | null
  readonly BlkioDeviceReadBps?: readonly ThrottleDevice[] | null
  readonly BlkioDeviceWriteBps?: readonly ThrottleDevice[] | null
  readonly BlkioDeviceReadIOps?: readonly ThrottleDevice[] | null
  readonly BlkioDeviceWriteIOps?: readonly ThrottleDevice[] | null
  /** Of Windows: refused. */
  readonly IOMaximumIOps?: number
  readonly IOMaximumBandwidth?: number
  readonly CpuPercent?: number
}

const rates = list(fields({ Path: text, Rate: integer }))

/** Fields of every body that limits a container. */
export const limitFields: Readonly<Record<keyof Limits, Schema>> = {
  Memory: integer,
  MemorySwap: integer,
  MemoryReservation: integer,
  MemorySwappiness: integer,
  KernelMemory: integer,
  OomKillDisable: flag,
  NanoCpus: integer,
  CpuShares: integer,
  CpuPeriod: integer,
  CpuQuota: integer,
  CpuRealtimePeriod: integer,
  CpuRealtimeRuntime: integer,
  CpusetCpus: text,
  CpusetMems: text,
  PidsLimit: integer,
  BlkioWeight: integer,
  BlkioWeightDevice: list(fields({ Path: text, Weight: integer })),
  BlkioDeviceReadBps: rates,
  BlkioDeviceWriteBps: rates,
  BlkioDeviceReadIOps: rates,
  BlkioDeviceWriteIOps: rates,
  IOMaximumIOps: integer,
  IOMaximumBandwidth: integer,
  CpuPercent: integer,
}
