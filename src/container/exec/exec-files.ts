import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { shortId } from '../../base/id.ts'

/** What an exec has in its container's run directory while it runs. */
export type ExecFiles = Readonly<Record<'process' | 'pid' | 'console', string>>

/** Which exec it is, and where. */
export interface ExecPlace {
  readonly runDir: string
  readonly id: string
  /** A health check. */
  readonly isProbe: boolean
}

/** What the files of health checks begin with: a later engine ends those that are left. */
export const probeFiles = 'probe'
/** What those of every other exec begin with. */
const ownFiles = 'exec'

/** The files of one exec. */
export function execFiles({ runDir, id, isProbe }: ExecPlace): ExecFiles {
  const path = (ending: string) => join(runDir, `${isProbe ? probeFiles : ownFiles}-${shortId(id)}.${ending}`)
  return { process: path('json'), pid: path('pid'), console: path('socket') }
}

/** Removes the files of execs that an engine was killed with: what it ran may go on, and needs them no more. */
export function removeForgottenExecs(runDir: string): void {
  const names = existsSync(runDir) ? readdirSync(runDir) : []
  for (const name of names.filter((one) => one.startsWith(`${ownFiles}-`))) rmSync(join(runDir, name), { force: true })
}
