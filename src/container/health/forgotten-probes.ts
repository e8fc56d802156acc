import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerParts } from '../container-parts.ts'
import { probeFiles } from '../exec/exec-files.ts'
import { killExecProcess } from '../exec/kill-exec.ts'
import type { ContainerRecord } from '../model.ts'

/** Ends probes that an engine was killed in the middle of: nobody would ever see their end. */
export function endForgottenProbes(
  { supervisor, pathsOf }: Pick<ContainerParts, 'supervisor' | 'pathsOf'>,
  record: ContainerRecord,
): void {
  const { runDir } = pathsOf(record.id)
  const files = existsSync(runDir) ? readdirSync(runDir).filter((name) => name.startsWith(`${probeFiles}-`)) : []
  if (files.length === 0) return
  const own = new Set(supervisor.processes(record))
  for (const name of files) {
    const path = join(runDir, name)
    const pid = name.endsWith('.pid') ? Number.parseInt(readFileSync(path, 'utf8'), 10) : 0
    if (own.has(pid) && pid !== record.state.pid) killExecProcess(pid) // the number may be somebody else's by now
    rmSync(path, { force: true })
  }
}
