import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { shortId } from '../../base/id.ts'

/** What an exec has in its container's run directory while it runs. */
export type ExecFiles = Readonly<Record<'process' | 'pid' | 'console', string>>

const prefix = 'exec-'

/** The files of one exec. @param id  of the exec */
export function execFiles(runDir: string, id: string): ExecFiles {
  const path = (ending: string) => join(runDir, `${prefix}${shortId(id)}.${ending}`)
  return { process: path('json'), pid: path('pid'), console: path('socket') }
}

/** Removes the files of execs that an engine was killed with: what it ran may go on, and needs them no more. */
export function removeForgottenExecs(runDir: string): void {
  const names = existsSync(runDir) ? readdirSync(runDir) : []
  for (const name of names.filter((one) => one.startsWith(prefix))) rmSync(join(runDir, name), { force: true })
}
