import type { CgroupAbilities } from './cgroup-abilities.ts'
import type { CgroupLimits, DeviceRate, LimitFile } from './limits.ts'

type Cpu = NonNullable<CgroupLimits['cpu']>
type BlockIO = NonNullable<CgroupLimits['blockIO']>

/** Microseconds: the period of a group that was never told one. */
const usualPeriod = 100_000

/**
 * The files of version 2 that keep these limits. It has no real-time scheduling, no swappiness and no limit of kernel
 * memory of a group's own.
 *
 * @source Documentation/admin-guide/cgroup-v2.rst, "Controllers"
 */
export function planVersion2Files(
  { memory = {}, cpu = {}, pids, blockIO = {} }: CgroupLimits,
  abilities: CgroupAbilities,
): readonly LimitFile[] {
  return [
    ...file('memory', 'memory.max', memory.limit === undefined ? undefined : bytes(memory.limit)),
    ...file('memory', 'memory.swap.max', swapAlone(memory)),
    ...file('memory', 'memory.low', memory.reservation?.toString()),
    ...file('cpu', 'cpu.weight', cpu.shares === undefined ? undefined : `${cpuWeightOf(cpu.shares)}`),
    ...file('cpu', 'cpu.max', bandwidth(cpu)),
    ...file('cpuset', 'cpuset.cpus', cpu.cpus),
    ...file('cpuset', 'cpuset.mems', cpu.mems),
    ...file('pids', 'pids.max', pids && (pids.limit > 0 ? `${pids.limit}` : 'max')),
    ...weights(blockIO, abilities),
    ...rates(blockIO),
  ]
}

/**
 * Shares of version 1 (2–262144, usually 1024) as a weight of version 2 (1–10000, usually 100).
 *
 * @source the formula of opencontainers/runtime-spec's runtimes: the ends of one range are the ends of the other
 */
export function cpuWeightOf(shares: number): number {
  return 1 + Math.floor(((Math.min(Math.max(shares, 2), 262_144) - 2) * 9999) / 262_142)
}

/** A weight of 10–1000 in the range of `io.weight`, 1–10000. */
export function ioWeightOf(weight: number): number {
  return 1 + Math.floor(((weight - 10) * 9999) / 990)
}

function file(controller: LimitFile['controller'], name: string, value: string | undefined): LimitFile[] {
  return value === undefined ? [] : [{ controller, name, value }]
}

function bytes(value: number): string {
  return value < 0 ? 'max' : `${value}`
}

/** Version 2 counts swap alone. */
function swapAlone({ limit = -1, swap }: NonNullable<CgroupLimits['memory']>): string | undefined {
  if (swap === undefined) return undefined
  return swap < 0 || limit < 0 ? bytes(swap) : `${Math.max(0, swap - limit)}`
}

function bandwidth({ quota, period }: Cpu): string | undefined {
  if (quota === undefined && period === undefined) return undefined
  return `${quota !== undefined && quota > 0 ? quota : 'max'} ${period ?? usualPeriod}`
}

function weights({ weight, weightDevice = [] }: BlockIO, { weightFile }: CgroupAbilities): LimitFile[] {
  if (weightFile === undefined) return []
  const scale = (value: number) => (weightFile === 'io.weight' ? ioWeightOf(value) : value)
  const line = (key: string, value: number): LimitFile => ({
    controller: 'blkio',
    name: weightFile,
    value: `${key} ${scale(value)}`,
    unset: key === 'default' ? '100' : 'default',
  })
  return [
    ...(weight === undefined ? [] : [line('default', weight)]),
    ...weightDevice.map(({ major, minor, weight: own }) => line(`${major}:${minor}`, own)),
  ]
}

/** One line for each device, with all that is said of it. */
function rates(blockIO: BlockIO): LimitFile[] {
  const said = new Map<string, string[]>()
  const add = (key: string, devices: readonly DeviceRate[] = []) => {
    for (const { major, minor, rate } of devices) {
      const device = `${major}:${minor}`
      said.set(device, [...(said.get(device) ?? []), `${key}=${rate > 0 ? rate : 'max'}`])
    }
  }
  add('rbps', blockIO.throttleReadBpsDevice)
  add('wbps', blockIO.throttleWriteBpsDevice)
  add('riops', blockIO.throttleReadIOPSDevice)
  add('wiops', blockIO.throttleWriteIOPSDevice)
  const unset = 'rbps=max wbps=max riops=max wiops=max'
  return [...said].map(([device, words]) => ({
    controller: 'blkio',
    name: 'io.max',
    value: `${device} ${words.join(' ')}`,
    unset,
  }))
}
