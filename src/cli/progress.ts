import type { Writable } from 'node:stream'
import type { ProgressMessage } from '../protocol/image.ts'
import { ExitError } from './errors.ts'
import { humanSize } from './format/units.ts'

type Screen = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/**
 * Shows a progress stream: on a terminal one line for each layer, rewritten in place; else each change of state once.
 *
 * @param output  missing: nothing is shown
 * @throws {ExitError} 1, or the code of the command that failed, when the stream tells of a failure
 */
export async function printProgress(
  messages: AsyncIterable<ProgressMessage>,
  output: Screen | undefined,
): Promise<void> {
  const show = output === undefined ? () => {} : output.isTTY ? createLiveLines(output) : createPlainLines(output)
  for await (const message of messages) {
    const failure = message.errorDetail?.message ?? message.error
    if (failure !== undefined) throw new ExitError(message.errorDetail?.code || 1, failure)
    show(message)
  }
}

/** Lines for a file or pipe: no bars, and no line twice in a row for one layer. */
function createPlainLines(output: Writable): (message: ProgressMessage) => void {
  return ({ id, status, stream, progressDetail }) => {
    if (stream !== undefined) output.write(stream)
    else if (status !== undefined && !isMoving(progressDetail)) output.write(`${id ? `${id}: ` : ''}${status}\n`)
  }
}

/** Lines for a terminal: the line of a layer is found again and rewritten. */
function createLiveLines(output: Screen): (message: ProgressMessage) => void {
  const rows = new Map<string, number>()
  let below = 0
  return (message) => {
    const { id, status, stream } = message
    if (stream !== undefined) output.write(stream)
    else if (status === undefined)
      return // for programs only
    else if (!id || message.progressDetail === undefined) output.write(`${id ? `${id}: ` : ''}${status}\n`)
    else {
      const up = rows.has(id) ? below - rows.get(id)! : 0
      if (up === 0) {
        rows.set(id, below++)
        output.write(`${renderLine(message, output.columns ?? 80)}\x1b[K\n`)
      } else output.write(`\x1b[${up}A\r${renderLine(message, output.columns ?? 80)}\x1b[K\x1b[${up}B\r`)
      return
    }
    // A line that is nobody's ends the block above it: what comes next starts a new one.
    rows.clear()
    below = 0
  }
}

function renderLine(message: ProgressMessage, columns: number): string {
  const line = `${message.id}: ${message.status}`
  const bar = renderBar(message.progressDetail ?? {}, columns)
  return (bar === '' ? line : `${line} ${bar}`).slice(0, columns - 1)
}

/** `"[=====>     ]  12.3MB/45.6MB"`; without a total only what has come. */
function renderBar({ current = 0, total = 0 }: { current?: number; total?: number }, columns: number): string {
  if (current <= 0 && total <= 0) return ''
  const done = humanSize(current, 4).padStart(8)
  if (total <= 0) return done
  const sizes = `${done}/${humanSize(total, 4)}`
  if (columns < 110) return sizes
  const filled = Math.min(50, Math.floor((current / total) * 50))
  return `[${'='.repeat(filled)}>${' '.repeat(50 - filled)}] ${sizes}`
}

function isMoving(detail: ProgressMessage['progressDetail']): boolean {
  return detail?.current !== undefined || detail?.total !== undefined
}
