import type { HostConfig } from '../../protocol/container.ts'
import type { OciDeviceRule, OciResources } from './oci.ts'

const periodMicros = 100_000
const nano = 1e9

/** What a container may do with devices: make any node, use the harmless ones. @source opencontainers/runtime-spec, "Default Devices" */
const deviceRules: readonly OciDeviceRule[] = [
  { allow: false, access: 'rwm' },
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  ...(
    [
      [1, 3],
      [1, 5],
      [1, 7],
      [1, 8],
      [1, 9],
      [5, 0],
      [5, 1],
      [5, 2],
    ] as const
  ).map(([major, minor]) => ({ allow: true, type: 'c', major, minor, access: 'rwm' }) as const),
  { allow: true, type: 'c', major: 136, access: 'rwm' }, // pseudo-terminals
]

/** Which limits this kernel can keep. */
export interface ResourceSupport {
  readonly swap: boolean
  readonly blkioWeight: boolean
}

/** Limits for the control group, and the settings that this kernel cannot keep. */
export interface ResourcePlan {
  readonly resources: OciResources
  readonly discarded: readonly string[]
}

/**
 * Translates a container's limits.
 *
 * @param devices  rules for the devices that were given to the container
 */
export function planResources(
  host: HostConfig,
  devices: readonly OciDeviceRule[],
  support: ResourceSupport,
): ResourcePlan {
  const memory = planMemory(host, support)
  const cpu = planCpu(host)
  const weight = host.BlkioWeight ?? 0
  const pids = host.PidsLimit ?? 0
  const resources = {
    devices: host.Privileged ? [{ allow: true, access: 'rwm' }] : [...deviceRules, ...devices],
    ...(Object.keys(memory).length > 0 ? { memory } : {}),
    ...(Object.keys(cpu).length > 0 ? { cpu } : {}),
    ...(pids > 0 ? { pids: { limit: pids } } : {}),
    ...(weight > 0 && support.blkioWeight ? { blockIO: { weight } } : {}),
  }
  const discarded = [
    ...((host.MemorySwap ?? 0) !== 0 && !support.swap ? ['MemorySwap'] : []),
    ...(weight > 0 && !support.blkioWeight ? ['BlkioWeight'] : []),
  ]
  return { resources, discarded }
}

function planMemory(host: HostConfig, { swap }: ResourceSupport): NonNullable<OciResources['memory']> {
  const { Memory = 0, MemorySwap = 0, MemoryReservation = 0, OomKillDisable } = host
  // As Docker: without a word about swap, a container gets as much of it as memory.
  const total = MemorySwap !== 0 ? MemorySwap : Memory * 2
  return {
    ...(Memory > 0 ? { limit: Memory } : {}),
    ...(MemoryReservation > 0 ? { reservation: MemoryReservation } : {}),
    ...(Memory > 0 && swap ? { swap: total } : {}),
    ...(OomKillDisable ? { disableOOMKiller: true } : {}),
  }
}

function planCpu(host: HostConfig): NonNullable<OciResources['cpu']> {
  const { NanoCpus = 0, CpuShares = 0, CpuQuota = 0, CpuPeriod = 0, CpusetCpus = '', CpusetMems = '' } = host
  const quota = NanoCpus > 0 ? Math.round((NanoCpus / nano) * periodMicros) : CpuQuota
  const period = NanoCpus > 0 ? periodMicros : CpuPeriod
  return {
    ...(CpuShares > 0 ? { shares: CpuShares } : {}),
    ...(quota > 0 ? { quota } : {}),
    ...(period > 0 ? { period } : {}),
    ...(CpusetCpus !== '' ? { cpus: CpusetCpus } : {}),
    ...(CpusetMems !== '' ? { mems: CpusetMems } : {}),
  }
}
