import type { CgroupAbilities } from '../../kernel/cgroups/cgroup-abilities.ts'
import type { CgroupLimits, DeviceRate, DeviceWeight } from '../../kernel/cgroups/limits.ts'
import type { HostConfig } from '../../protocol/container.ts'
import type { Limits, ThrottleDevice } from '../../protocol/limits.ts'
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

/** The numbers of a block device of the host. */
export interface BlockDevice {
  readonly major: number
  readonly minor: number
}

/** What limits depend on besides the settings. */
export interface LimitFacts {
  readonly abilities: CgroupAbilities
  /** The devices that `--device-read-bps` and its like name, by path. */
  readonly blockDevices: ReadonlyMap<string, BlockDevice>
}

/**
 * The part of a container's limits, and of what it may do with devices, that the runtime keeps.
 *
 * Weights of block I/O are not among it: runtimes know only some of the files that kernels have for them.
 *
 * @param devices  rules for the devices that were given to the container
 */
export function planResources(
  host: HostConfig,
  devices: readonly OciDeviceRule[],
  { blockIO: { weight: _, weightDevice: __, ...blockIO } = {}, pids, ...limits }: CgroupLimits,
): OciResources {
  return {
    devices: host.Privileged ? [{ allow: true, access: 'rwm' }] : [...deviceRules, ...devices],
    ...limits,
    ...(pids !== undefined && pids.limit > 0 ? { pids } : {}),
    ...unlessEmpty('blockIO', blockIO),
  }
}

/** A container's limits as its control group keeps them, without what this machine cannot limit. Pure. */
export function planLimits(host: Limits, facts: LimitFacts): CgroupLimits {
  const { pids } = facts.abilities
  return {
    ...unlessEmpty('memory', planMemory(host, facts.abilities)),
    ...unlessEmpty('cpu', planCpu(host, facts.abilities)),
    ...(typeof host.PidsLimit === 'number' && pids ? { pids: { limit: Math.max(0, host.PidsLimit) } } : {}),
    ...unlessEmpty('blockIO', planBlockIO(host, facts)),
  }
}

/** Paths of all devices whose use is limited. */
export function limitedDevices(host: Limits): readonly string[] {
  return [
    host.BlkioWeightDevice,
    host.BlkioDeviceReadBps,
    host.BlkioDeviceWriteBps,
    host.BlkioDeviceReadIOps,
    host.BlkioDeviceWriteIOps,
  ].flatMap((devices) => (devices ?? []).map(({ Path }) => Path))
}

function planMemory(host: Limits, can: CgroupAbilities): NonNullable<CgroupLimits['memory']> {
  const { Memory = 0, MemorySwap = 0, MemoryReservation = 0, KernelMemory = 0, OomKillDisable } = host
  // As Docker: without a word about swap, a container gets as much of it as memory.
  const total = MemorySwap !== 0 ? MemorySwap : Memory * 2
  const swappiness = host.MemorySwappiness ?? -1
  return {
    ...(Memory > 0 && can.memory ? { limit: Memory } : {}),
    ...(MemoryReservation > 0 && can.reservation ? { reservation: MemoryReservation } : {}),
    ...(Memory > 0 && can.swap ? { swap: total } : {}),
    ...(KernelMemory > 0 && can.kernelMemory ? { kernel: KernelMemory } : {}),
    ...(swappiness >= 0 && can.swappiness ? { swappiness } : {}),
    ...(OomKillDisable && can.oomKillDisable ? { disableOOMKiller: true } : {}),
  }
}

function planCpu(host: Limits, can: CgroupAbilities): NonNullable<CgroupLimits['cpu']> {
  const { NanoCpus = 0, CpuShares = 0, CpuQuota = 0, CpuPeriod = 0, CpusetCpus = '', CpusetMems = '' } = host
  const { CpuRealtimePeriod = 0, CpuRealtimeRuntime = 0 } = host
  const quota = NanoCpus > 0 ? Math.round((NanoCpus / nano) * periodMicros) : CpuQuota
  const period = NanoCpus > 0 ? periodMicros : CpuPeriod
  return {
    ...(CpuShares > 0 && can.cpuShares ? { shares: CpuShares } : {}),
    ...(quota !== 0 && can.cpuQuota ? { quota } : {}),
    ...(period > 0 && can.cpuQuota ? { period } : {}),
    ...(CpuRealtimePeriod > 0 && can.cpuRealtime ? { realtimePeriod: CpuRealtimePeriod } : {}),
    ...(CpuRealtimeRuntime > 0 && can.cpuRealtime ? { realtimeRuntime: CpuRealtimeRuntime } : {}),
    ...(CpusetCpus !== '' && can.cpuset ? { cpus: CpusetCpus } : {}),
    ...(CpusetMems !== '' && can.cpuset ? { mems: CpusetMems } : {}),
  }
}

function planBlockIO(host: Limits, { abilities: can, blockDevices }: LimitFacts): NonNullable<CgroupLimits['blockIO']> {
  const rates = (devices: readonly ThrottleDevice[] | null | undefined): DeviceRate[] =>
    (devices ?? []).flatMap(({ Path, Rate }) => {
      const device = blockDevices.get(Path)
      return device === undefined ? [] : [{ ...device, rate: Rate }]
    })
  const weights: DeviceWeight[] = (host.BlkioWeightDevice ?? []).flatMap(({ Path, Weight }) => {
    const device = blockDevices.get(Path)
    return device === undefined ? [] : [{ ...device, weight: Weight }]
  })
  const weight = host.BlkioWeight ?? 0
  return {
    ...(weight > 0 && can.weightFile !== undefined ? { weight } : {}),
    ...unlessEmpty('weightDevice', can.weightDeviceFile === undefined ? [] : weights),
    ...unlessEmpty('throttleReadBpsDevice', can.readBps ? rates(host.BlkioDeviceReadBps) : []),
    ...unlessEmpty('throttleWriteBpsDevice', can.writeBps ? rates(host.BlkioDeviceWriteBps) : []),
    ...unlessEmpty('throttleReadIOPSDevice', can.readIops ? rates(host.BlkioDeviceReadIOps) : []),
    ...unlessEmpty('throttleWriteIOPSDevice', can.writeIops ? rates(host.BlkioDeviceWriteIOps) : []),
  }
}

/** `{ name: value }`, or nothing for an empty list or object. */
function unlessEmpty<Name extends string, Value extends object>(
  name: Name,
  value: Value,
): { readonly [K in Name]?: Value } {
  return Object.keys(value).length === 0 ? {} : ({ [name]: value } as { [K in Name]: Value })
}
