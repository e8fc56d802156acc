import type { Limits, ThrottleDevice, WeightDevice } from '../../protocol/limits.ts'
import type { Flags } from '../flags/flags.ts'
import { parseBytes } from '../flags/values.ts'

/** What the flags that can be changed later say. */
export function planChangeableLimits(flags: Flags): Limits {
  const pidsLimit = flags.number('pids-limit')
  return {
    BlkioWeight: flags.number('blkio-weight') ?? 0,
    CpuPeriod: flags.number('cpu-period') ?? 0,
    CpuQuota: flags.number('cpu-quota') ?? 0,
    CpuRealtimePeriod: flags.number('cpu-rt-period') ?? 0,
    CpuRealtimeRuntime: flags.number('cpu-rt-runtime') ?? 0,
    CpuShares: flags.number('cpu-shares') ?? 0,
    CpusetCpus: flags.text('cpuset-cpus'),
    CpusetMems: flags.text('cpuset-mems'),
    NanoCpus: Math.round((flags.number('cpus') ?? 0) * 1e9),
    Memory: flags.number('memory') ?? 0,
    MemoryReservation: flags.number('memory-reservation') ?? 0,
    MemorySwap: flags.number('memory-swap') ?? 0,
    ...(pidsLimit === undefined ? {} : { PidsLimit: pidsLimit }),
  }
}

/** What the flags of `run` and `create` say. */
export function planLimits(flags: Flags): Limits {
  return {
    ...planChangeableLimits(flags),
    BlkioWeightDevice: flags.list('blkio-weight-device').map(parseWeightDevice),
    BlkioDeviceReadBps: flags.list('device-read-bps').map(parseRate),
    BlkioDeviceReadIOps: flags.list('device-read-iops').map(parseIops),
    BlkioDeviceWriteBps: flags.list('device-write-bps').map(parseRate),
    BlkioDeviceWriteIOps: flags.list('device-write-iops').map(parseIops),
    MemorySwappiness: flags.number('memory-swappiness') ?? -1,
    OomKillDisable: flags.on('oom-kill-disable'),
  }
}

/** Reads `"/dev/sda:300"`. @throws {Error} with Docker's words */
export function parseWeightDevice(text: string): WeightDevice {
  const [path, value] = splitDevice(text)
  const weight = /^\d+$/.test(value) ? Number(value) : -1
  if (weight !== 0 && (weight < 10 || weight > 1000)) throw new Error(`invalid weight for device: ${text}`)
  return { Path: path, Weight: weight }
}

/** Reads `"/dev/sda:1mb"`: bytes in a second. @throws {Error} with Docker's words */
export function parseRate(text: string): ThrottleDevice {
  const [path, value] = splitDevice(text)
  const format =
    '<device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb'
  try {
    const rate = parseBytes(value)
    if (rate >= 0) return { Path: path, Rate: rate }
  } catch (cause) {
    throw new Error(`invalid rate for device: ${text}. The correct format is ${format}`, { cause })
  }
  throw new Error(`invalid rate for device: ${text}. The correct format is ${format}`)
}

/** Reads `"/dev/sda:100"`: operations in a second. @throws {Error} with Docker's words */
export function parseIops(text: string): ThrottleDevice {
  const [path, value] = splitDevice(text)
  if (/^\d+$/.test(value)) return { Path: path, Rate: Number(value) }
  const format = '<device-path>:<number>. Number must be a positive integer'
  throw new Error(`invalid rate for device: ${text}. The correct format is ${format}`)
}

function splitDevice(text: string): [path: string, value: string] {
  const [path = '', value = '', more] = text.split(':')
  if (path === '' || value === '' || more !== undefined) throw new Error(`bad format: ${text}`)
  if (!path.startsWith('/dev/')) throw new Error(`bad format for device path: ${text}`)
  return [path, value]
}
