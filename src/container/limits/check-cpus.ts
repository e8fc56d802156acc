import { EngineError } from '../../base/errors.ts'
import type { Limits } from '../../protocol/limits.ts'
import type { CheckedLimits, LimitChecks } from './checked-limits.ts'

/** The highest number that a list of CPUs or of memory nodes may name. @source Docker's reading of such lists */
const highest = 8192

/** Checks what is said of CPUs and of memory nodes; part of `checkLimits`. */
export function checkCpus(asked: Limits, { abilities: can, cpus }: LimitChecks): CheckedLimits {
  const { NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0, CpuShares = 0, CpuPercent = 0 } = asked
  const { CpusetCpus = '', CpusetMems = '' } = asked
  checkRealtime(asked, can.cpuRealtime)
  checkNanoCpus(asked, can.cpuQuota, cpus)
  if (CpuShares < 0) refuse(`shares value ${CpuShares} must be positive`)
  const warnings: string[] = []
  let limits = asked
  const discard = (what: string, without: Limits) => {
    warnings.push(what)
    limits = { ...limits, ...without }
  }
  if (CpuShares > 0 && !can.cpuShares) {
    discard('Your kernel does not support CPU shares or the cgroup is not mounted. Shares discarded.', { CpuShares: 0 })
  }
  if ((CpuPeriod !== 0 || CpuQuota !== 0) && NanoCpus === 0 && !can.cpuQuota) {
    discard('Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.', {
      CpuPeriod: 0,
      CpuQuota: 0,
    })
  }
  checkBandwidth(limits)
  if (CpuPercent > 0) discard('linux does not support CPU percent. Percent discarded.', { CpuPercent: 0 })
  if ((CpusetCpus !== '' || CpusetMems !== '') && !can.cpuset) {
    discard('Your kernel does not support cpuset or the cgroup is not mounted. Cpuset discarded.', {
      CpusetCpus: '',
      CpusetMems: '',
    })
  } else {
    checkSet('CPUs', 'cpus', CpusetCpus, can.cpus)
    checkSet('memory nodes', 'mems', CpusetMems, can.mems)
  }
  return { limits, warnings }
}

function checkRealtime({ CpuRealtimePeriod = 0, CpuRealtimeRuntime = 0 }: Limits, able: boolean): void {
  if ((CpuRealtimePeriod !== 0 || CpuRealtimeRuntime !== 0) && !able) {
    refuse('Your kernel does not support CPU real-time scheduler')
  }
  if (CpuRealtimePeriod !== 0 && CpuRealtimeRuntime > CpuRealtimePeriod) {
    refuse('cpu real-time runtime cannot be higher than cpu real-time period')
  }
}

function checkNanoCpus({ NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0 }: Limits, able: boolean, cpus: number): void {
  if (NanoCpus > 0 && CpuPeriod > 0) refuse('Conflicting options: Nano CPUs and CPU Period cannot both be set')
  if (NanoCpus > 0 && CpuQuota > 0) refuse('Conflicting options: Nano CPUs and CPU Quota cannot both be set')
  if (NanoCpus > 0 && !able) {
    refuse('NanoCPUs can not be set, as your kernel does not support CPU CFS scheduler or the cgroup is not mounted')
  }
  if (NanoCpus < 0 || NanoCpus > cpus * 1e9) {
    refuse(`range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`)
  }
}

function checkBandwidth({ CpuPeriod = 0, CpuQuota = 0 }: Limits): void {
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000)) {
    refuse('CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)')
  }
  if (CpuQuota > 0 && CpuQuota < 1000) refuse('CPU cfs quota can not be less than 1ms (i.e. 1000)')
}

function checkSet(what: string, kind: 'cpus' | 'mems', asked: string, available: string): void {
  const wanted = parseSet(asked)
  if (wanted === undefined) refuse(`Invalid value ${asked} for cpuset ${kind}`)
  const there = parseSet(available)
  if (there === undefined || wanted.isSubsetOf(there)) return
  refuse(`Requested ${what} are not available - requested ${asked}, available: ${available}`)
}

/** The numbers of a list: `"0-2,4"`. Undefined for what is no list. */
export function parseSet(text: string): ReadonlySet<number> | undefined {
  const numbers = new Set<number>()
  for (const part of text === '' ? [] : text.split(',')) {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? []
    if (first === undefined || Number(last) < Number(first) || Number(last) >= highest) return undefined
    for (let number = Number(first); number <= Number(last); number++) numbers.add(number)
  }
  return numbers
}

function refuse(message: string): never {
  throw new EngineError('invalid-argument', message)
}
