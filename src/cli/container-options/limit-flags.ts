import { bytes, int } from '../flags/flag-kinds.ts'
import type { FlagSpec } from '../flags/flag-spec.ts'
import { parseIops, parseRate, parseWeightDevice } from './limits.ts'

const devices = (name: string, help: string, parse: (text: string) => unknown): FlagSpec => ({
  name,
  kind: 'list',
  help,
  check: (value) => void parse(value),
})

/** The limits that can be changed while a container runs: the flags that `run`, `create` and `update` have in common. */
export const changeableLimitFlags: readonly FlagSpec[] = [
  int('blkio-weight', 'Block IO (relative weight), between 10 and 1000, or 0 to disable', { typeName: 'uint16' }),
  int('cpu-period', 'Limit CPU CFS (Completely Fair Scheduler) period'),
  int('cpu-quota', 'Limit CPU CFS (Completely Fair Scheduler) quota'),
  int('cpu-rt-period', 'Limit the CPU real-time period in microseconds'),
  int('cpu-rt-runtime', 'Limit the CPU real-time runtime in microseconds'),
  int('cpu-shares', 'CPU shares (relative weight)', { short: 'c' }),
  { name: 'cpus', kind: 'decimal', help: 'Number of CPUs' },
  { name: 'cpuset-cpus', kind: 'string', help: 'CPUs in which to allow execution (0-3, 0,1)' },
  { name: 'cpuset-mems', kind: 'string', help: 'MEMs in which to allow execution (0-3, 0,1)' },
  bytes('memory', 'Memory limit', { short: 'm' }),
  bytes('memory-reservation', 'Memory soft limit'),
  bytes('memory-swap', "Swap limit equal to memory plus swap: '-1' to enable unlimited swap"),
  int('pids-limit', 'Tune container pids limit (set -1 for unlimited)'),
]

/** The limits that a container is made with. */
export const limitFlags: readonly FlagSpec[] = [
  ...changeableLimitFlags,
  devices('blkio-weight-device', 'Block IO weight (relative device weight)', parseWeightDevice),
  devices('device-read-bps', 'Limit read rate (bytes per second) from a device', parseRate),
  devices('device-read-iops', 'Limit read rate (IO per second) from a device', parseIops),
  devices('device-write-bps', 'Limit write rate (bytes per second) to a device', parseRate),
  devices('device-write-iops', 'Limit write rate (IO per second) to a device', parseIops),
  int('memory-swappiness', 'Tune container memory swappiness (0 to 100)', { default: '-1' }),
  { name: 'oom-kill-disable', kind: 'bool', help: 'Disable OOM Killer' },
  { name: 'cgroup-parent', kind: 'string', help: 'Optional parent cgroup for the container' },
]
