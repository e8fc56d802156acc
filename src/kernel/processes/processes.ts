import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hasCode, isErrno } from '../../base/errors.ts'
import { Descriptor } from '../descriptors.ts'
import { check, libcFunction } from '../libc.ts'
import type { Poller } from '../poller.ts'

/** The same numbers on every architecture; older C libraries lack the functions. @source include/uapi/asm-generic/unistd.h */
const SYS_pidfd_send_signal = 424
const SYS_pidfd_open = 434

const syscall = libcFunction('long syscall(long number, long a, long b, long c, long d)')

/** A process that cannot be mistaken for a later one of the same number. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks since the machine started; a later process of the same number has another one. */
  readonly startTime: number
}

/** What `/proc/<pid>/stat` says of a process. @source proc_pid_stat(5) */
export interface ProcessStat {
  readonly command: string
  /** `R`, `S`, `D`, `Z`, … */
  readonly state: string
  readonly parent: number
  /** Number of its process group. */
  readonly group: number
  /** Device number of the controlling terminal; 0 for none. */
  readonly terminal: number
  /** Clock ticks in user and kernel mode together. */
  readonly cpuTicks: number
  readonly startTime: number
}

/** Reads `/proc/<pid>/stat`; undefined when there is no such process. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return undefined
    throw error
  }
}

/** Reads the text of a `stat` file; the command may hold blanks and brackets. */
export function parseProcessStat(text: string): ProcessStat {
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  const [state, parent, group, , terminal, , , , , , , user, system, , , , , , , start] = text
    .slice(close + 2)
    .split(' ')
  return {
    command: text.slice(open + 1, close),
    state: state!,
    parent: Number(parent),
    group: Number(group),
    terminal: Number(terminal),
    cpuTicks: Number(user) + Number(system),
    startTime: Number(start),
  }
}

/** Who a living process is; undefined when there is none, or only its corpse. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = pid > 0 ? readProcessStat(pid) : undefined
  return stat === undefined || stat.state === 'Z' ? undefined : { pid, startTime: stat.startTime }
}

/** Every process with the words that it was started by; one that ends meanwhile may be missing. */
export function* commandLines(): Generator<{ readonly pid: number; readonly words: readonly string[] }> {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      yield { pid: Number(name), words: readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0') }
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'ESRCH')) throw error
    }
  }
}

/**
 * A hold on one process: signals reach it or nobody.
 *
 * @source pidfd_open(2), pidfd_send_signal(2)
 */
export class ProcessHandle extends Descriptor {
  /** Undefined when the process is gone, or its number is somebody else's by now. */
  static open({ pid, startTime }: ProcessIdentity): ProcessHandle | undefined {
    let handle: ProcessHandle
    try {
      handle = new ProcessHandle(check(`open process ${pid}`, syscall(SYS_pidfd_open, pid, 0, 0, 0)))
    } catch (error) {
      if (isErrno(error, 'ESRCH', 'EINVAL')) return undefined
      throw error
    }
    // Looked at only now: from here on the number cannot change its owner unnoticed.
    if (readProcessStat(pid)?.startTime === startTime) return handle
    handle[Symbol.dispose]()
    return undefined
  }

  /** A child of this process that nobody has waited for yet: its number cannot be somebody else's. */
  static ofChild(pid: number): ProcessHandle {
    return new ProcessHandle(check(`open process ${pid}`, syscall(SYS_pidfd_open, pid, 0, 0, 0)))
  }

  /** Sends a signal by its number. @returns false when the process has ended */
  signal(number: number): boolean {
    try {
      check('signal process', syscall(SYS_pidfd_send_signal, this.fd, number, 0, 0))
      return true
    } catch (error) {
      if (isErrno(error, 'ESRCH')) return false
      throw error
    }
  }

  /** Waits until the process has ended. @throws the signal's reason when that aborts first */
  async ended(poller: Poller, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const abort = () => reject(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    using _ = poller.watch(this.fd, 'read', resolve)
    try {
      await promise
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }
}

/** Whether a process sees the mounts that this one sees: paths then mean the same to both. False when it is gone. */
export function sharesMounts(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`) === readlinkSync('/proc/self/ns/mnt')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
