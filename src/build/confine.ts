import { readFileSync } from 'node:fs'
import { type Child, startChild } from '../image/child.ts'

/** Where a program of a build runs. */
export interface Confinement {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  /** Mounts below these directories are none of its business: they would live on in its copy when they end elsewhere. */
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
  const mounts = mountsBelow(hidden).filter((point) => point !== kept)
  const child = startChild(
    'setpriv',
    [
      '--pdeathsig=KILL',
      '--',
      'unshare',
      '--mount',
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

function mountsBelow(directories: readonly string[]): readonly string[] {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? [])
    .map((point) =>
      point.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8))),
    )
  return points.filter((point) => directories.some((dir) => point.startsWith(`${dir}/`)))
}
