import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identify, type ProcessIdentity } from '../../kernel/processes/processes.ts'
import type { ContainerPaths } from '../model.ts'

/** The two processes of a run: told from later ones of the same number. */
export interface RunProcesses {
  /** The container's first process. */
  readonly init: ProcessIdentity
  readonly conmon: ProcessIdentity
}

const gone = { startTime: -1 } as const

/** Writes down who the processes of a run are, while they certainly are. A process that ended already matches nobody. */
export function writeProcessFile(
  { runDir }: ContainerPaths,
  pids: { readonly pid: number; readonly conmonPid: number },
): void {
  const processes: RunProcesses = {
    init: identify(pids.pid) ?? { pid: pids.pid, ...gone },
    conmon: identify(pids.conmonPid) ?? { pid: pids.conmonPid, ...gone },
  }
  writeFileSync(fileOf(runDir), JSON.stringify(processes))
}

/** Undefined when nothing runs, or the machine was started anew since. */
export function readProcessFile({ runDir }: ContainerPaths): RunProcesses | undefined {
  const path = fileOf(runDir)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as RunProcesses) : undefined
}

function fileOf(runDir: string): string {
  return join(runDir, 'processes.json')
}
