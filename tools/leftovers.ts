import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'

/**
 * What a run of the tests could leave on this machine, one line each. Compared before and after the run.
 *
 * @param directory  where the tests keep their files (their TMPDIR)
 * @param mark       a line of the environment that every process of the run carries: `"WHARF_TEST_RUN=…"`
 */
export function findLeftovers(directory: string, mark: string): Set<string> {
  return new Set([
    ...links(),
    ...tables(),
    ...entries('/run/netns').map((name) => `network namespace ${name}`),
    ...mounts(directory),
    ...controlGroups('/sys/fs/cgroup', 4),
    ...processes(directory, mark),
    ...entries(directory).map((name) => `file ${directory}/${name}`),
  ])
}

/** Ends the processes and takes away the mounts among `lines`; the rest is for a person to look at. */
export function removeLeftovers(lines: readonly string[]): void {
  for (const line of lines) {
    const [, pid] = /^process (\d+):/.exec(line) ?? []
    if (pid !== undefined) endProcess(Number(pid))
  }
  for (const line of lines.toReversed()) {
    if (line.startsWith('mount ')) execFileSync('umount', ['-l', line.slice('mount '.length)])
  }
}

/** The engine's own control groups, one in each hierarchy: containers have theirs below them. */
export function engineGroups(dir = '/sys/fs/cgroup', depth = 2): Set<string> {
  const found = entries(dir).flatMap((name) => {
    const path = `${dir}/${name}`
    if (name === 'wharf') return [path]
    return depth > 0 && isDirectory(path) ? [...engineGroups(path, depth - 1)] : []
  })
  return new Set(found)
}

/**
 * Removes the engine's own control groups, which an engine leaves for the next one, unless they were there before or
 * somebody has containers below them.
 */
export function removeEngineGroups(before: ReadonlySet<string>): void {
  for (const path of engineGroups()) {
    if (before.has(path)) continue
    try {
      rmdirSync(path)
    } catch (error) {
      if (!['EBUSY', 'ENOTEMPTY', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function links(): string[] {
  return entries('/sys/class/net').map((name) => `link ${name}`)
}

function tables(): string[] {
  try {
    const text = execFileSync('nft', ['list', 'tables'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return text.split('\n').flatMap((line) => (line === '' ? [] : [`nft ${line}`]))
  } catch {
    return [] // no nft, or no root: then no test could have made one
  }
}

function mounts(directory: string): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${directory}/`))
    .map((path) => `mount ${path}`)
}

/** Groups below the engine's own, which carries its name: one for each container. */
function controlGroups(dir: string, depth: number): string[] {
  return entries(dir).flatMap((name) => {
    const path = `${dir}/${name}`
    if (name.includes('wharf')) return subgroups(path)
    return depth > 0 && isDirectory(path) ? controlGroups(path, depth - 1) : []
  })
}

/** Groups with processes in them belong to an engine that runs, ours or another's: then its processes are what is left. */
function subgroups(path: string): string[] {
  return entries(path)
    .filter((name) => isDirectory(`${path}/${name}`) && isEmptyGroup(`${path}/${name}`))
    .map((name) => `control group ${path}/${name}`)
}

function isEmptyGroup(path: string): boolean {
  try {
    return readFileSync(`${path}/cgroup.procs`, 'utf8') === ''
  } catch {
    return false // it has gone meanwhile
  }
}

function processes(directory: string, mark: string): string[] {
  return entries('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return []
    try {
      if (!carriesMark(pid, mark) && !isContainerOf(pid, directory)) return []
      return [`process ${pid}: ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()}`]
    } catch {
      return [] // it ended, or it is not ours
    }
  })
}

function carriesMark(pid: string, mark: string): boolean {
  return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark)
}

/** A container has an environment of its own; its root file system lies in the directory. */
function isContainerOf(pid: string, directory: string): boolean {
  const root = readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
    .split('\n')
    .find((line) => line.split(' ')[4] === '/')
  return root?.includes(`${directory}/`) ?? false
}

function entries(path: string): string[] {
  return existsSync(path) ? readdirSync(path) : []
}

function isDirectory(path: string): boolean {
  return existsSync(`${path}/.`)
}
