import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { EngineError, hasCode } from '../base/errors.ts'
import { readProcessStat } from '../kernel/processes/processes.ts'

/** Processes as a table: every row has as many cells as there are titles. */
export interface ProcessTable {
  readonly titles: readonly string[]
  readonly processes: readonly (readonly string[])[]
}

const usualArguments = '-ef'
const titles = ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD']
/** What the kernel counts processor time in, on every architecture that Node runs on. @source sysconf(3), _SC_CLK_TCK */
const ticksPerSecond = 100
const dayMs = 86_400_000

/**
 * Lists processes as `ps` does. The usual columns are read from /proc; for other arguments the host's `ps` is run.
 *
 * @param pids         numbers on the host
 * @param psArguments  as the user wrote them; `""` is `-ef`
 * @throws {EngineError} `internal`, in Docker's words, when `ps` refuses them or prints no PID; `unavailable` without `ps`
 */
export async function listProcesses(pids: readonly number[], psArguments: string): Promise<ProcessTable> {
  if (psArguments === '' || psArguments === usualArguments) return readTable(pids)
  for (const [, name, column] of psArguments.matchAll(/\s+(\S*)=\s*(PID\S*)/g)) {
    if (name !== 'pid') throw new EngineError('internal', `specifying "${name}=${column}" is not allowed`) // it would show others' processes
  }
  return selectProcesses(await runPs(psArguments), pids)
}

/**
 * Takes the rows of some processes out of what `ps` printed; the last column may hold blanks.
 *
 * @throws {EngineError} `internal` `Couldn't find PID field in ps output`
 */
export function selectProcesses(output: string, pids: readonly number[]): ProcessTable {
  const [head = '', ...lines] = output.split('\n').filter((line) => line.trim() !== '')
  const columns = head.trim().split(/\s+/)
  const pidColumn = columns.indexOf('PID')
  if (pidColumn < 0) throw new EngineError('internal', "Couldn't find PID field in ps output")
  const own = new Set(pids.map(String))
  let isOwn = false
  const processes = lines.flatMap((line) => {
    const row = splitRow(line.trim(), columns.length)
    // With `m`, lines of threads follow their process, and have no number.
    if (row[pidColumn] !== '-') isOwn = own.has(row[pidColumn] ?? '')
    return isOwn ? [row] : []
  })
  return { titles: columns, processes }
}

function splitRow(line: string, columns: number): string[] {
  const words = line.split(/\s+/)
  if (words.length <= columns) return words
  return [...words.slice(0, columns - 1), words.slice(columns - 1).join(' ')]
}

async function runPs(psArguments: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  execFile('ps', psArguments.split(/\s+/).filter(Boolean), { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
    if (error === null) resolve(stdout)
    else if (error.code === 'ENOENT') {
      reject(
        new EngineError('unavailable', 'Cannot list processes: program "ps" is missing; install the package procps'),
      )
    } else reject(new EngineError('internal', `ps: ${stderr.trim().split('\n', 1)[0] || error.message}`))
  })
  return promise
}

function readTable(pids: readonly number[]): ProcessTable {
  const users = userNames(readFileSync('/etc/passwd', 'utf8'))
  const bootMs = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]) * 1000
  return { titles, processes: pids.flatMap((pid) => readRow(pid, users, bootMs)) }
}

/** No row for a process that has ended meanwhile. */
function readRow(pid: number, users: ReadonlyMap<string, string>, bootMs: number): string[][] {
  const stat = readProcessStat(pid)
  const uid = /^Uid:\s+(\d+)/m.exec(readProc(pid, 'status'))?.[1]
  if (stat === undefined || uid === undefined) return []
  const startMs = bootMs + (stat.startTime / ticksPerSecond) * 1000
  const seconds = Math.floor(stat.cpuTicks / ticksPerSecond)
  const age = Math.max(1, (Date.now() - startMs) / 1000)
  const command = readProc(pid, 'cmdline').replace(/\0+$/, '').replaceAll('\0', ' ')
  return [
    [
      users.get(uid) ?? uid,
      String(pid),
      String(stat.parent),
      String(Math.min(99, Math.floor((seconds / age) * 100))),
      startText(startMs),
      terminalName(stat.terminal),
      durationText(seconds),
      command || `[${stat.command}]`,
    ],
  ]
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return ''
    throw error
  }
}

function userNames(passwd: string): ReadonlyMap<string, string> {
  return new Map(
    passwd
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name = '', , uid = '']) => [uid, name]),
  )
}

/** `09:07` within a day, `Nov21` before. */
function startText(ms: number): string {
  const date = new Date(ms)
  if (Date.now() - ms < dayMs) return date.toTimeString().slice(0, 5)
  return `${date.toLocaleString('en-US', { month: 'short' })}${String(date.getDate()).padStart(2, '0')}`
}

function durationText(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}

/** The name that `ps` gives a device number; `?` for none. @source proc_pid_stat(5), tty_nr; Documentation/admin-guide/devices.txt */
export function terminalName(device: number): string {
  const major = (device >> 8) & 0xfff
  const minor = (device & 0xff) | ((device >>> 12) & 0xfff00)
  if (major >= 136 && major <= 143) return `pts/${(major - 136) * 256 + minor}`
  if (major === 4) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`
  return '?'
}
