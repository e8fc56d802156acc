import { readFileSync } from 'node:fs'
import { type Child, startChild } from '../image/child.ts'

/** Where a program of a build runs. */
export interface Confinement {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  /** What is mounted below these directories is none of its business. */
  readonly hidden: readonly string[]
  /** A mount below them that it needs all the same. */
  readonly kept?: string
}

/**
 * Starts a program that mounts file systems and starts others, in namespaces of its own for mounts and processes.
 *
 * When it ends, is killed, or the engine is, everything that it started ends with it and everything that it mounted
 * is gone: the kernel sees to it, whatever state we or the program are in.
 */
export function startConfined(command: readonly string[], { cwd, env, signal, hidden, kept }: Confinement): Child {
  const mounts = otherMounts(hidden).filter((point) => point !== kept && !`${cwd}/`.startsWith(`${point}/`))
  const child = startChild(
    'setpriv',
    [
      '--pdeathsig=KILL',
      '--',
      'unshare',
      '--mount',
      // Where the host lets mounts end everywhere at once, they do so here, too.
      '--propagation=slave',
      '--pid',
      '--fork',
      '--kill-child=KILL',
      '--mount-proc',
      '--',
      'sh',
      '-c',
      unmountThenRun,
      'sh',
      String(mounts.length),
      ...command,
    ],
    { cwd, env, signal },
  )
  child.process.stdin.end(mounts.map((point) => `${point}\0`).join(''))
  return child
}

/** One that is gone by now is what was wanted: what umount says does not matter. */
const unmountThenRun = `[ "$1" = 0 ] || xargs -0 umount -l -- 2>/dev/null || :; shift; exec "$@" </dev/null`

/**
 * Mounts that would live on in the program's copy when they end elsewhere: root file systems of containers, whoever
 * made them, and network namespaces.
 */
function otherMounts(hidden: readonly string[]): readonly string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const point = unescaped(line.split(' ')[4] ?? '')
      const type = / - (\S+) /.exec(line)?.[1] ?? ''
      const isOther = ['overlay', 'nsfs'].includes(type) || hidden.some((dir) => point.startsWith(`${dir}/`))
      return isOther && point !== '/' ? [point] : []
    })
}

/** @source proc_pid_mountinfo(5): blanks and the like are written in octal */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
