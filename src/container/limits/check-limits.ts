import { EngineError } from '../../base/errors.ts'
import type { CgroupAbilities } from '../../kernel/cgroups/cgroup-abilities.ts'
import type { Limits } from '../../protocol/limits.ts'
import { checkCpus } from './check-cpus.ts'
import type { CheckedLimits, LimitChecks } from './checked-limits.ts'

/** Bytes: less than this nothing can start in. */
const leastMemory = 6 * 1024 * 1024

/**
 * Checks limits as Docker does, in its order and words. Pure.
 *
 * @throws {EngineError} `invalid-argument` for values that no container can have
 */
export function checkLimits(asked: Limits, checks: LimitChecks): CheckedLimits {
  const memory = checkMemory(asked, checks)
  const others = checkOthers(memory.limits, checks.abilities)
  const cpus = checkCpus(others.limits, checks)
  const blockIO = checkBlockIO(cpus.limits, checks.abilities)
  return { limits: blockIO.limits, warnings: [memory, others, cpus, blockIO].flatMap(({ warnings }) => warnings) }
}

function checkMemory(asked: Limits, { abilities: can, update }: LimitChecks): CheckedLimits {
  const warnings: string[] = []
  // -1 is what clients send for nothing.
  let limits: Limits = asked.MemorySwappiness === -1 ? { ...asked, MemorySwappiness: null } : asked
  const discard = (what: string, without: Limits) => {
    warnings.push(`Your kernel does not support ${what}`)
    limits = { ...limits, ...without }
  }
  if ((limits.Memory ?? 0) !== 0 && limits.Memory! < leastMemory) refuse('Minimum memory limit allowed is 6MB')
  if ((limits.Memory ?? 0) > 0 && !can.memory) {
    discard('memory limit capabilities or the cgroup is not mounted. Limitation discarded.', {
      Memory: 0,
      MemorySwap: -1,
    })
  }
  if ((limits.Memory ?? 0) > 0 && limits.MemorySwap !== -1 && !can.swap) {
    discard('swap limit capabilities or the cgroup is not mounted. Memory limited without swap.', { MemorySwap: -1 })
  }
  checkSwap(limits, update)
  if (typeof limits.MemorySwappiness === 'number' && !can.swappiness) {
    discard('memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.', {
      MemorySwappiness: null,
    })
  }
  const swappiness = limits.MemorySwappiness ?? 0
  if (swappiness < 0 || swappiness > 100) {
    refuse(`Invalid value: ${swappiness}, valid memory swappiness range is 0-100`)
  }
  if ((limits.MemoryReservation ?? 0) > 0 && !can.reservation) {
    discard('memory soft limit capabilities or the cgroup is not mounted. Limitation discarded.', {
      MemoryReservation: 0,
    })
  }
  checkReservation(limits)
  return { limits, warnings }
}

function checkSwap({ Memory = 0, MemorySwap = 0 }: Limits, update: boolean): void {
  if (Memory > 0 && MemorySwap > 0 && MemorySwap < Memory) {
    refuse('Minimum memoryswap limit should be larger than memory limit, see usage')
  }
  if (Memory === 0 && MemorySwap > 0 && !update) {
    refuse('You should always set the Memory limit when using Memoryswap limit, see usage')
  }
}

function checkReservation({ Memory = 0, MemoryReservation = 0 }: Limits): void {
  if (MemoryReservation > 0 && MemoryReservation < leastMemory) refuse('Minimum memory reservation allowed is 6MB')
  if (Memory > 0 && MemoryReservation > Memory) {
    refuse('Minimum memory limit can not be less than memory reservation limit, see usage')
  }
}

/** Kernel memory, the end of memory, processes. */
function checkOthers(asked: Limits, can: CgroupAbilities): CheckedLimits {
  const warnings: string[] = []
  const { KernelMemory = 0, OomKillDisable, Memory = 0, PidsLimit } = asked
  let limits = asked
  if (KernelMemory > 0 && !can.kernelMemory) {
    warnings.push(
      'Your kernel does not support kernel memory limit capabilities or the cgroup is not mounted. Limitation discarded.',
    )
    limits = { ...limits, KernelMemory: 0 }
  } else if (KernelMemory > 0 && KernelMemory < leastMemory) refuse('Minimum kernel memory limit allowed is 6MB')
  if (typeof OomKillDisable === 'boolean' && !can.oomKillDisable) {
    // Nobody has to be told that what he does not want is not there.
    if (OomKillDisable) warnings.push('Your kernel does not support OomKillDisable. OomKillDisable discarded.')
    limits = { ...limits, OomKillDisable: null }
  } else if (OomKillDisable && Memory === 0) {
    warnings.push(
      'OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.',
    )
  }
  if (typeof PidsLimit === 'number' && !can.pids) {
    if (PidsLimit > 0) {
      warnings.push(
        'Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.',
      )
    }
    limits = { ...limits, PidsLimit: null }
  }
  return { limits, warnings }
}

function checkBlockIO(asked: Limits, can: CgroupAbilities): CheckedLimits {
  const weight = asked.BlkioWeight ?? 0
  if (weight !== 0 && (weight < 10 || weight > 1000)) refuse('Range of blkio weight is from 10 to 1000')
  if ((asked.IOMaximumBandwidth ?? 0) !== 0 || (asked.IOMaximumIOps ?? 0) !== 0) {
    refuse('Invalid QoS settings: linux does not support Maximum IO Bandwidth or Maximum IO IOps')
  }
  const gone: Partial<Record<keyof Limits, unknown>> = {}
  const warnings: string[] = []
  const discard = (name: keyof Limits, value: unknown, what: string) => {
    gone[name] = value
    warnings.push(`Your kernel does not support ${what}`)
  }
  if (weight > 0 && can.weightFile === undefined) {
    discard('BlkioWeight', 0, 'Block I/O weight or the cgroup is not mounted. Weight discarded.')
  }
  if ((asked.BlkioWeightDevice ?? []).length > 0 && can.weightDeviceFile === undefined) {
    discard('BlkioWeightDevice', [], 'Block I/O weight_device or the cgroup is not mounted. Weight-device discarded.')
  }
  for (const [name, able, what] of rates(can)) {
    if ((asked[name] ?? []).length > 0 && !able) discard(name, [], what)
  }
  return { limits: { ...asked, ...gone } as Limits, warnings }
}

function rates(can: CgroupAbilities) {
  const mounted = 'or the cgroup is not mounted. Block I/O'
  return [
    ['BlkioDeviceReadBps', can.readBps, `BPS Block I/O read limit ${mounted} BPS read limit discarded.`],
    ['BlkioDeviceWriteBps', can.writeBps, `BPS Block I/O write limit ${mounted} BPS write limit discarded.`],
    ['BlkioDeviceReadIOps', can.readIops, `IOPS Block read limit ${mounted} IOPS read limit discarded.`],
    ['BlkioDeviceWriteIOps', can.writeIops, `IOPS Block write limit ${mounted} IOPS write limit discarded.`],
  ] as const
}

function refuse(message: string): never {
  throw new EngineError('invalid-argument', message)
}
