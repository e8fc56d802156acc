import { identify, ProcessHandle, readProcessStat } from '../../kernel/processes/processes.ts'
import { parseSignal } from '../process/signals.ts'

/** Kills an exec's process, and what it has started and left in its process group. One that is gone is no failure. */
export function killExecProcess(pid: number): void {
  const identity = identify(pid)
  using handle = identity && ProcessHandle.open(identity)
  // The runtime makes a session for each exec: nobody else is in its group.
  const group = readProcessStat(pid)?.group ?? 0
  if (handle === undefined || group <= 1) return
  handle.signal(parseSignal('KILL'))
  try {
    process.kill(-group, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
