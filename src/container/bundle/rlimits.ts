import { EngineError } from '../../base/errors.ts'
import type { Ulimit } from '../../protocol/container.ts'
import type { OciRlimit } from './oci.ts'

/** `ulimit` names, and the lines of `/proc/<pid>/limits` that show them. @source setrlimit(2), proc_pid_limits(5) */
const limits: Readonly<Record<string, string>> = {
  core: 'Max core file size',
  cpu: 'Max cpu time',
  data: 'Max data size',
  fsize: 'Max file size',
  locks: 'Max file locks',
  memlock: 'Max locked memory',
  msgqueue: 'Max msgqueue size',
  nice: 'Max nice priority',
  nofile: 'Max open files',
  nproc: 'Max processes',
  rss: 'Max resident set',
  rtprio: 'Max realtime priority',
  rttime: 'Max realtime timeout',
  sigpending: 'Max pending signals',
  stack: 'Max stack size',
}

/** Highest limits of the engine itself, by `ulimit` name; `Infinity` for unlimited. */
export type OwnLimits = ReadonlyMap<string, number>

/** Reads the text of `/proc/self/limits`. */
export function parseOwnLimits(text: string): OwnLimits {
  return new Map(
    Object.entries(limits).flatMap(([name, title]) => {
      const hard = new RegExp(`^${title} +\\S+ +(\\S+)`, 'm').exec(text)?.[1]
      return hard === undefined ? [] : [[name, hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard)] as const]
    }),
  )
}

/** The resource limits of a container's processes, and what had to be lowered. */
export interface RlimitPlan {
  readonly rlimits: readonly OciRlimit[]
  /** Names of limits that are lower than asked, because the engine may not raise its own. */
  readonly lowered: readonly string[]
}

/**
 * Translates `--ulimit` settings.
 *
 * @param own      limits that may not be exceeded; undefined when the engine has CAP_SYS_RESOURCE
 * @throws {EngineError} `invalid-argument` for a name or values that cannot be
 */
export function planRlimits(ulimits: readonly Ulimit[], own: OwnLimits | undefined): RlimitPlan {
  const lowered: string[] = []
  const rlimits = ulimits.map(({ Name, Soft, Hard }) => {
    const name = Name.toLowerCase()
    if (!(name in limits)) throw new EngineError('invalid-argument', `invalid ulimit type: ${Name}`)
    const hard = Hard < 0 ? Number.POSITIVE_INFINITY : Hard
    const soft = Soft < 0 ? Number.POSITIVE_INFINITY : Soft
    if (soft > hard) {
      throw new EngineError(
        'invalid-argument',
        `ulimit soft limit must be less than or equal to hard limit: ${Soft} > ${Hard}`,
      )
    }
    const most = own?.get(name) ?? Number.POSITIVE_INFINITY
    if (hard > most) lowered.push(name)
    return { type: `RLIMIT_${name.toUpperCase()}`, soft: Math.min(soft, most), hard: Math.min(hard, most) }
  })
  return { rlimits, lowered }
}
