import type { LogEntry } from '../containers.ts'

/** One line of a log file, and whether the next one of its stream goes on with it. */
export interface LogLine extends LogEntry {
  readonly partial: boolean
}

const space = 0x20
const newline = 0x0a

/**
 * Reads one line of conmon's log: `<time> stdout|stderr F|P <text>`, its newline included.
 *
 * `F` ends a line of the program's, `P` is a part of one: its newline is conmon's own, and left out.
 *
 * @returns undefined for a line that is none of conmon's
 * @source conmon's ctr_logging.c, "k8s-file"
 */
export function parseLogLine(line: Buffer): LogLine | undefined {
  const afterTime = line.indexOf(space)
  const afterStream = line.indexOf(space, afterTime + 1)
  if (afterTime < 1 || afterStream < 0 || line[afterStream + 2] !== space) return undefined
  const stream = line.toString('latin1', afterTime + 1, afterStream)
  const flag = line[afterStream + 1]
  if ((stream !== 'stdout' && stream !== 'stderr') || (flag !== flags.full && flag !== flags.partial)) return undefined
  const partial = flag === flags.partial
  const text = line.subarray(afterStream + 3)
  return {
    stream,
    time: line.toString('latin1', 0, afterTime).replace('+00:00', 'Z'),
    bytes: partial && text.at(-1) === newline ? text.subarray(0, -1) : text,
    partial,
  }
}

const flags = { full: 'F'.charCodeAt(0), partial: 'P'.charCodeAt(0) } as const
