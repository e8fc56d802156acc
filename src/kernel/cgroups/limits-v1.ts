import type { CgroupAbilities } from './cgroup-abilities.ts'
import type { CgroupLimits, DeviceRate, LimitFile } from './limits.ts'

type Controller = LimitFile['controller']

/**
 * The files of version 1 that keep these limits. Killing by the kernel is switched off by the runtime alone: it is a
 * choice for a container's whole life.
 *
 * @source Documentation/admin-guide/cgroup-v1/memory.rst, blkio-controller.rst, cpusets.rst; scheduler/sched-bwc.rst
 */
export function planVersion1Files(
  { memory = {}, cpu = {}, pids, blockIO = {} }: CgroupLimits,
  { weightFile, weightDeviceFile }: CgroupAbilities,
): readonly LimitFile[] {
  return [
    ...number('memory', 'memory.limit_in_bytes', memory.limit),
    ...number('memory', 'memory.memsw.limit_in_bytes', memory.swap),
    ...number('memory', 'memory.soft_limit_in_bytes', memory.reservation),
    ...number('memory', 'memory.kmem.limit_in_bytes', memory.kernel),
    ...number('memory', 'memory.swappiness', memory.swappiness),
    ...number('cpu', 'cpu.shares', cpu.shares),
    ...number('cpu', 'cpu.cfs_period_us', cpu.period),
    ...number('cpu', 'cpu.cfs_quota_us', cpu.quota),
    ...number('cpu', 'cpu.rt_period_us', cpu.realtimePeriod),
    ...number('cpu', 'cpu.rt_runtime_us', cpu.realtimeRuntime),
    ...word('cpuset', 'cpuset.cpus', cpu.cpus),
    ...word('cpuset', 'cpuset.mems', cpu.mems),
    ...word('pids', 'pids.max', pids && (pids.limit > 0 ? `${pids.limit}` : 'max')),
    ...(weightFile === undefined ? [] : number('blkio', weightFile, blockIO.weight)),
    ...(blockIO.weightDevice ?? []).flatMap(({ major, minor, weight }) =>
      device(weightDeviceFile, `${major}:${minor} ${weight}`),
    ),
    ...rates('blkio.throttle.read_bps_device', blockIO.throttleReadBpsDevice),
    ...rates('blkio.throttle.write_bps_device', blockIO.throttleWriteBpsDevice),
    ...rates('blkio.throttle.read_iops_device', blockIO.throttleReadIOPSDevice),
    ...rates('blkio.throttle.write_iops_device', blockIO.throttleWriteIOPSDevice),
  ]
}

function number(controller: Controller, name: string, value: number | undefined): LimitFile[] {
  return word(controller, name, value?.toString())
}

function word(controller: Controller, name: string, value: string | undefined): LimitFile[] {
  return value === undefined ? [] : [{ controller, name, value }]
}

function device(name: string | undefined, value: string): LimitFile[] {
  return name === undefined ? [] : [{ controller: 'blkio', name, value, unset: '0' }]
}

function rates(name: string, devices: readonly DeviceRate[] = []): LimitFile[] {
  return devices.flatMap(({ major, minor, rate }) => device(name, `${major}:${minor} ${rate}`))
}
