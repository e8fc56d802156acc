import type { RootedFiles } from '../../kernel/files/rooted-files.ts'
import type { Accounts } from './user.ts'

/** The texts of a container's accounts. @param root  its file system, mounted or running */
export function readAccounts(root: RootedFiles): Accounts {
  return { passwd: root.read('/etc/passwd') ?? '', group: root.read('/etc/group') ?? '' }
}
