import { EngineError } from '../../base/errors.ts'
import type { TerminalSize } from '../attach/session.ts'
import type { ContainerParts } from '../container-parts.ts'
import type { LogEntry, LogOptions } from '../containers.ts'
import { logSettingsOf } from '../create/new-container.ts'
import { isLive } from '../life/is-live.ts'
import { planLogging } from '../logging/plan-logging.ts'
import { readLogs } from '../logging/read-logs.ts'
import { listProcesses, type ProcessTable } from '../top.ts'

/**
 * What a container wrote; with `follow`, until it ends for good: its restart policy's restarts are followed too.
 *
 * @throws {EngineError} `not-implemented` when its log driver keeps nothing; Docker's words
 */
export function readContainerLogs(
  parts: ContainerParts,
  ref: string,
  options: LogOptions,
  signal: AbortSignal,
): AsyncIterable<readonly LogEntry[]> {
  const { id, hostConfig } = parts.table.find(ref)
  const { kept, maxFiles } = planLogging(logSettingsOf(hostConfig))
  if (!kept) throw new EngineError('not-implemented', 'configured logging driver does not support reading')
  // The waiting ends with the reader: an aborted wait is the end of the log, not a failure.
  const ended = goesOn(parts, id) ? endForGood(parts, id, signal).catch(() => undefined) : undefined
  return readLogs({ path: parts.pathsOf(id).log, maxFiles, options, ended, signal })
}

async function endForGood(parts: ContainerParts, id: string, signal: AbortSignal): Promise<void> {
  while (goesOn(parts, id)) await parts.exits.next('exit', id, signal)
}

function goesOn({ table }: ContainerParts, id: string): boolean {
  const record = table.get(id)
  return record !== undefined && (isLive(record) || record.state.status === 'restarting')
}

/** Sets the size of a container's terminal. @throws {EngineError} `conflict` unless it runs */
export async function resizeContainer(parts: ContainerParts, ref: string, size: TerminalSize): Promise<void> {
  const record = parts.table.find(ref)
  if (!isLive(record)) throw notRunning(record.id)
  parts.supervisor.resize(record, size)
  parts.publish('resize', record, { height: String(size.rows), width: String(size.columns) })
}

/** The processes of a container as `ps` shows them. @throws {EngineError} `conflict` unless it runs */
export async function listContainerProcesses(
  parts: ContainerParts,
  ref: string,
  psArguments: string,
): Promise<ProcessTable> {
  const record = parts.table.find(ref)
  if (!isLive(record)) throw notRunning(record.id)
  const table = await listProcesses(parts.supervisor.processes(record), psArguments)
  parts.publish('top', record)
  return table
}

function notRunning(id: string): EngineError {
  return new EngineError('conflict', `container ${id} is not running`)
}
