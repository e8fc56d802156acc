import { EngineError } from '../../base/errors.ts'
import type { HostConfig } from '../../protocol/container.ts'
import { cleanPath, targetProblem } from './mount-wish.ts'

/** Memory shown as a directory. */
export interface TmpfsMount {
  readonly target: string
  /** As mount(8) takes them: `["size=64m", "mode=1777", "exec"]`. */
  readonly options: readonly string[]
}

/** Words without a value that a tmpfs may have; `private` and the like are for the mount, not for the file system. */
const switches =
  /^(rw|ro|(no)?(suid|dev|exec|atime|diratime)|(a)?sync|(no)?relatime|strictatime|dirsync|(no)?mand|remount|r?bind|r?(private|shared|slave|unbindable))$/
/** Words with a value. @source tmpfs(5) */
const settings = /^(mode|uid|gid|size|nr_inodes|nr_blocks|mpol|huge)=[^=\s]+$/

/** Reads `HostConfig.Tmpfs`: options by place. @throws {EngineError} `invalid-argument` */
export function parseTmpfs(tmpfs: HostConfig['Tmpfs']): TmpfsMount[] {
  return Object.entries(tmpfs ?? {}).map(([target, text]) => {
    const problem = targetProblem(target)
    if (problem !== undefined) throw new EngineError('invalid-argument', problem)
    const options = (text ?? '').split(',').filter(Boolean)
    const unknown = options.find((word) => !switches.test(word) && !settings.test(word))
    if (unknown !== undefined) {
      throw new EngineError('invalid-argument', `invalid tmpfs option ${JSON.stringify(unknown)}`)
    }
    return { target: cleanPath(target), options }
  })
}
