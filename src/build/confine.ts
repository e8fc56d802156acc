import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { type Child, startChild } from '../kernel/processes/child.ts'
import { mortalCommand } from '../kernel/processes/mortal-command.ts'

/** Where a program of a build runs. */
export interface Confinement {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  /** What it works with: directories, and mounts such as a network namespace. */
  readonly needed: readonly string[]
}

/**
 * Starts a program that mounts file systems and starts others, in namespaces of its own for mounts and processes.
 *
 * When it ends, is killed, or the engine is, everything that it started ends with it and everything that it mounted
 * is gone: the kernel sees to it, whatever state we or the program are in.
 */
export function startConfined(command: readonly string[], { cwd, env, signal, needed }: Confinement): Child {
  const mounts = otherMounts(readFileSync('/proc/self/mountinfo', 'utf8'), [cwd, ...needed].map(realPath))
  const child = startChild(
    ...mortalCommand('unshare', [
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
    ]),
    { cwd, env, signal },
  )
  child.process.stdin.end(mounts.map((point) => `${point}\0`).join(''))
  return child
}

/** One that is gone by now is what was wanted: what umount says does not matter. */
const unmountThenRun = `[ "$1" = 0 ] || xargs -0 umount -l -- 2>/dev/null || :; shift; exec "$@" </dev/null`

/** Where people and engines mount what is theirs; what a system itself is made of is elsewhere. */
const dataPlaces = ['/tmp', '/var', '/run', '/home', '/root', '/mnt', '/media', '/srv']

/**
 * Mounts that are none of the program's business, and would live on in its copy when they end elsewhere: containers'
 * root file systems and namespaces, volumes, other engines' and other people's file systems. Pure.
 *
 * @param mountinfo  the text of `/proc/self/mountinfo`
 */
export function otherMounts(mountinfo: string, needed: readonly string[]): readonly string[] {
  return mountinfo.split('\n').flatMap((line) => {
    const point = unescaped(line.split(' ')[4] ?? '')
    if (point === '' || point === '/' || needed.some((path) => `${path}/`.startsWith(`${point}/`))) return []
    const type = / - (\S+) /.exec(line)?.[1] ?? ''
    const isOther = ['overlay', 'nsfs'].includes(type) || dataPlaces.some((place) => point.startsWith(`${place}/`))
    return isOther ? [point] : []
  })
}

/** Of what is not there yet, the path itself. */
function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : path
}

/** @source proc_pid_mountinfo(5): blanks and the like are written in octal */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
