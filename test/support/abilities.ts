import type { CgroupAbilities } from '../../src/kernel/cgroups/cgroup-abilities.ts'

/** A machine with version 1 that can limit all there is, for pure tests. */
export const abilitiesOfVersion1: CgroupAbilities = {
  version: 1,
  memory: true,
  swap: true,
  reservation: true,
  swappiness: true,
  kernelMemory: true,
  oomKillDisable: true,
  cpuShares: true,
  cpuQuota: true,
  cpuRealtime: true,
  cpuset: true,
  pids: true,
  readBps: true,
  writeBps: true,
  readIops: true,
  writeIops: true,
  weightFile: 'blkio.bfq.weight',
  weightDeviceFile: 'blkio.bfq.weight_device',
  cpus: '0-1',
  mems: '0',
}

/** A machine with version 2. */
export const abilitiesOfVersion2: CgroupAbilities = {
  ...abilitiesOfVersion1,
  version: 2,
  swappiness: false,
  kernelMemory: false,
  oomKillDisable: false,
  cpuRealtime: false,
  weightFile: 'io.weight',
  weightDeviceFile: 'io.weight',
}
