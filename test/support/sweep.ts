import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { run } from './finished.ts'

/** One process that has to do with a directory. */
export interface FoundProcess {
  readonly pid: number
  /** Its command line, words joined by blanks. */
  readonly command: string
}

/**
 * Processes that work for an engine under `root`: those that name it in their command line, and those whose own root is
 * made of its files (containers). Other namespaces may have copies of its mounts: builds of other engines do.
 */
export function processesOf(root: string): FoundProcess[] {
  const own = mountNamespaceOf('self')
  const found: FoundProcess[] = []
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
    const namespace = mountNamespaceOf(entry)
    const contained = namespace !== '' && namespace !== own && rootMountOf(entry).includes(root)
    // A build takes the mounts of all engines out of a namespace of its own, by their names.
    const named = command.includes(root) && !command.startsWith('umount ')
    if (named || contained) found.push({ pid, command })
  }
  return found
}

/** Mount points under `root`, the innermost first. */
export function mountsOf(root: string): string[] {
  return read('/proc/self/mountinfo')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path === root || path.startsWith(`${root}/`))
    .reverse()
}

/** Control groups whose path holds `part`, the innermost first. */
export function cgroupsOf(part: string): string[] {
  const found: string[] = []
  const walk = (dir: string, depth: number): void => {
    for (const entry of existsSync(dir) ? readdirSync(dir, { withFileTypes: true }) : []) {
      if (!entry.isDirectory()) continue
      const path = `${dir}/${entry.name}`
      if (depth < 5) walk(path, depth + 1)
      if (path.includes(part)) found.push(path)
    }
  }
  walk('/sys/fs/cgroup', 0)
  return found
}

/** Ends processes and takes mounts away, by force; answers what it found, one line each. */
export async function sweep(root: string): Promise<string[]> {
  const found: string[] = []
  for (const { pid, command } of processesOf(root)) {
    found.push(`process ${pid}: ${command}`)
    end(pid)
  }
  for (const path of mountsOf(root)) {
    found.push(`mount ${path}`)
    await run('umount', ['-l', path])
  }
  return found
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The line of the mount that a process calls `/`. */
function rootMountOf(pid: string): string {
  const lines = read(`/proc/${pid}/mountinfo`).split('\n')
  return lines.findLast((line) => line.split(' ')[4] === '/') ?? ''
}

function mountNamespaceOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`)
  } catch {
    return '' // it ended, or it is a zombie
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // it ended meanwhile
  }
}
