import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerPaths } from '../model.ts'
import { conmonFiles } from '../process/conmon.ts'
import type { TerminalSize } from './session.ts'

/** conmon's command for a new log file. @source conmon's ctrl.c, `REOPEN_LOGS_EVENT` */
const reopenCommand = 2
/**
 * Bytes that conmon reads at a time. Up to 2.1.13 it takes two lines of one reading for the first one twice, and the last
 * of two sizes is lost: a line of this length is read alone. @source conmon's ctrl.c, `read_from_ctrl_buffer`
 */
const readingBytes = 199

/** Sets the size that programs on a container's terminal see; one without has nothing to set. */
export function resizeTerminal({ runDir }: ContainerPaths, { rows, columns }: TerminalSize): void {
  try {
    tell(join(runDir, conmonFiles.windowSize), `${rows} ${columns}`.padEnd(readingBytes - 1))
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error // conmon has the file for terminals only
  }
}

/** Makes conmon put a new, empty log in the place of the one that it writes. One that has ended writes no more. */
export function reopenLog({ runDir }: ContainerPaths): void {
  try {
    tell(join(runDir, conmonFiles.control), `${reopenCommand} 0 0`)
  } catch (error) {
    if (!['ENXIO', 'ENOENT'].includes(codeOf(error))) throw error
  }
}

function tell(fifo: string, line: string): void {
  const fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK)
  try {
    writeSync(fd, `${line}\n`)
  } finally {
    closeSync(fd)
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? ''
}
