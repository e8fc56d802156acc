import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../../base/errors.ts'
import { cgroupRoot } from './cgroup-root.ts'
import type { CgroupMode } from './cgroups.ts'

/** What this machine's control groups can limit. */
export interface CgroupAbilities {
  readonly version: 1 | 2
  readonly memory: boolean
  readonly swap: boolean
  readonly reservation: boolean
  readonly swappiness: boolean
  readonly kernelMemory: boolean
  readonly oomKillDisable: boolean
  readonly cpuShares: boolean
  readonly cpuQuota: boolean
  /** Real-time time that may be given away; false also when the engine's own group has none. */
  readonly cpuRealtime: boolean
  readonly cpuset: boolean
  readonly pids: boolean
  readonly readBps: boolean
  readonly writeBps: boolean
  readonly readIops: boolean
  readonly writeIops: boolean
  /** Name of the file that takes the weight of block I/O; of the one that takes a weight for each device. */
  readonly weightFile: string | undefined
  readonly weightDeviceFile: string | undefined
  /** CPUs and memory nodes that there are: `"0-3"`. */
  readonly cpus: string
  readonly mems: string
}

/**
 * Looks at what the control groups of this machine can limit.
 *
 * @param parent  the engine's own group: `"/wharf"`
 */
export function readCgroupAbilities(mode: CgroupMode, parent: string): CgroupAbilities {
  return mode === 'unified' ? version2() : version1(parent)
}

function version1(parent: string): CgroupAbilities {
  const has = (file: string) => existsSync(join(cgroupRoot, file))
  const { weightFile, weightDeviceFile } = findWeights(filesOfNewGroup(join(cgroupRoot, 'blkio')))
  return {
    version: 1,
    memory: has('memory/memory.limit_in_bytes'),
    swap: has('memory/memory.memsw.limit_in_bytes'),
    reservation: has('memory/memory.soft_limit_in_bytes'),
    swappiness: has('memory/memory.swappiness'),
    kernelMemory: has('memory/memory.kmem.limit_in_bytes') && keepsKernelMemory(),
    oomKillDisable: has('memory/memory.oom_control'),
    cpuShares: has('cpu/cpu.shares'),
    cpuQuota: has('cpu/cpu.cfs_quota_us'),
    cpuRealtime: Number(read(`cpu${parent}/cpu.rt_runtime_us`)) > 0,
    cpuset: has('cpuset/cpuset.cpus'),
    pids: has('pids/cgroup.procs'),
    readBps: has('blkio/blkio.throttle.read_bps_device'),
    writeBps: has('blkio/blkio.throttle.write_bps_device'),
    readIops: has('blkio/blkio.throttle.read_iops_device'),
    writeIops: has('blkio/blkio.throttle.write_iops_device'),
    weightFile,
    weightDeviceFile,
    cpus: read('cpuset/cpuset.cpus'),
    mems: read('cpuset/cpuset.mems'),
  }
}

function version2(): CgroupAbilities {
  const controllers = new Set(read('cgroup.controllers').split(/\s+/))
  const [memory, cpu, io] = [controllers.has('memory'), controllers.has('cpu'), controllers.has('io')]
  if (io) enableBlockIO()
  const files = io ? filesOfNewGroup(cgroupRoot) : new Set<string>()
  return {
    version: 2,
    memory,
    swap: memory && (files.has('memory.swap.max') || existsSync('/proc/swaps')),
    reservation: memory,
    swappiness: false,
    kernelMemory: false,
    oomKillDisable: false,
    cpuShares: cpu,
    cpuQuota: cpu,
    cpuRealtime: false,
    cpuset: controllers.has('cpuset'),
    pids: controllers.has('pids'),
    readBps: files.has('io.max'),
    writeBps: files.has('io.max'),
    readIops: files.has('io.max'),
    writeIops: files.has('io.max'),
    ...findWeights(files),
    cpus: read('cpuset.cpus.effective'),
    mems: read('cpuset.mems.effective'),
  }
}

/**
 * The first of these names that the kernel has; the scheduler's own before the general one. In version 2 the same file
 * takes the weights of single devices.
 */
function findWeights(files: ReadonlySet<string>): Pick<CgroupAbilities, 'weightFile' | 'weightDeviceFile'> {
  const first = (...names: string[]) => names.find((name) => files.has(name))
  return {
    weightFile: first('blkio.weight', 'blkio.bfq.weight', 'io.bfq.weight', 'io.weight'),
    weightDeviceFile: first('blkio.weight_device', 'blkio.bfq.weight_device', 'io.bfq.weight', 'io.weight'),
  }
}

/** Files that only groups below the root have can be seen in such a group alone: one is made, looked at, and removed. */
function filesOfNewGroup(parent: string): ReadonlySet<string> {
  const dir = join(parent, `wharf-probe-${process.pid}`)
  try {
    mkdirSync(dir)
  } catch (error) {
    // No such hierarchy, or one that is not ours to write: then it limits nothing for us.
    if (hasCode(error, 'ENOENT', 'EACCES', 'EPERM', 'EROFS')) return new Set()
    if (!hasCode(error, 'EEXIST')) throw error // an engine of this number has died here
  }
  const files = new Set(readdirSync(dir))
  rmdirSync(dir)
  return files
}

/** As every runtime does with the controllers that it needs. */
function enableBlockIO(): void {
  try {
    writeFileSync(join(cgroupRoot, 'cgroup.subtree_control'), '+io')
  } catch {
    // Where the administrator keeps it, there are no limits of block I/O: the files are not there.
  }
}

/** Kernels since 5.16 have the file, and do nothing with it. */
function keepsKernelMemory(): boolean {
  const [major = 0, minor = 0] = readFileSync('/proc/sys/kernel/osrelease', 'utf8').split('.').map(Number)
  return major < 5 || (major === 5 && minor < 16)
}

function read(file: string): string {
  const path = join(cgroupRoot, file)
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
}
