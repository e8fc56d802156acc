import { resolve } from 'node:path/posix'
import type { RootedFiles } from '../../kernel/files/rooted-files.ts'

/** Why a command cannot be run: the words and the exit code that Docker gives it. */
export interface CommandProblem {
  readonly reason: string
  readonly exitCode: 126 | 127
}

/**
 * Looks for what would keep a command from being run; undefined when nothing does.
 *
 * @param root  the file system it would run in
 * @param wish  the command's first word, its working directory and its `PATH`
 */
export function findCommandProblem(
  root: RootedFiles,
  { command, cwd, path }: { readonly command: string; readonly cwd: string; readonly path: string },
): CommandProblem | undefined {
  if (root.stat(cwd)?.isDirectory() !== true) {
    return { reason: `chdir to cwd ("${cwd}") set in config.json failed: no such file or directory`, exitCode: 127 }
  }
  if (command.includes('/')) return problemAt(root, resolve(cwd, command), command)
  const found = path.split(':').map((dir) => problemAt(root, resolve(cwd, dir, command), command))
  if (found.includes(undefined)) return undefined
  const denied = found.find((problem) => problem?.exitCode === 126)
  return denied ?? { reason: `exec: "${command}": executable file not found in $PATH`, exitCode: 127 }
}

function problemAt(root: RootedFiles, path: string, command: string): CommandProblem | undefined {
  const stats = root.stat(path)
  if (stats === undefined) {
    return { reason: `exec: "${command}": stat ${command}: no such file or directory`, exitCode: 127 }
  }
  if (stats.isDirectory()) return { reason: `exec: "${command}": is a directory`, exitCode: 126 }
  if ((stats.mode & 0o111) === 0) return { reason: `exec: "${command}": permission denied`, exitCode: 126 }
  return undefined
}
