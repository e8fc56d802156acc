import { type FSWatcher, watch } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { LogEntry, LogOptions } from './containers.ts'
import { parseLogLine } from './log-format.ts'
import { findTail } from './log-tail.ts'

const blockBytes = 65_536
/** Longer than any line that conmon writes: what has no newline by then is no log. */
const longestLine = 1_048_576
const newline = 0x0a

/** Which log to read, and how. */
export interface LogReading {
  /** conmon's log file; none is an empty log. */
  readonly path: string
  readonly options: LogOptions
  /** Settles when nothing more will be written; undefined when that is so already. */
  readonly ended: Promise<unknown> | undefined
  readonly signal: AbortSignal
}

/**
 * Reads a container's log; with `follow`, goes on until the container ends, or the signal aborts.
 *
 * Memory is bounded: one block of the file is held, and the next is read when the entries of the last were taken.
 * New output is noticed by watching the file, not by looking again and again.
 */
export async function* readLogs({ path, options, ended, signal }: LogReading): AsyncGenerator<LogEntry> {
  await using file = await openLog(path)
  if (file === undefined) return
  const { size } = await file.stat()
  let position = await findTail(file, size, options.tail)
  using news = options.follow && ended !== undefined ? new LogNews({ path, ended, signal, options }) : undefined
  let rest: Buffer = Buffer.alloc(0)
  const block = Buffer.allocUnsafe(blockBytes)
  for (;;) {
    const over = news === undefined || news.over // asked before reading: what was written until then is read
    const { bytesRead } = await file.read(block, 0, blockBytes, position)
    if (signal.aborted) return
    if (bytesRead === 0) {
      if (over) return
      await news?.next()
      continue
    }
    position += bytesRead
    const bytes = Buffer.concat([rest, block.subarray(0, bytesRead)])
    const end = bytes.lastIndexOf(newline) + 1
    for (const entry of entriesOf(bytes.subarray(0, end))) {
      const verdict = judge(entry, options)
      if (verdict === 'late') return
      if (verdict === 'wanted') yield entry
    }
    rest = bytes.length - end > longestLine ? Buffer.alloc(0) : bytes.subarray(end)
  }
}

async function openLog(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** @param bytes  whole lines */
function* entriesOf(bytes: Buffer): Generator<LogEntry> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(newline, start) + 1
    const line = parseLogLine(bytes.subarray(start, end))
    if (line !== undefined) yield { stream: line.stream, time: line.time, bytes: line.bytes }
    start = end
  }
}

function judge(
  { stream, time }: LogEntry,
  { stdout, stderr, sinceMs, untilMs }: LogOptions,
): 'wanted' | 'unwanted' | 'late' {
  if (sinceMs > 0 || untilMs < Number.POSITIVE_INFINITY) {
    const at = Date.parse(time)
    if (at > untilMs) return 'late'
    if (at < sinceMs) return 'unwanted'
  }
  return (stream === 'stdout' ? stdout : stderr) ? 'wanted' : 'unwanted'
}

/** Tells when there may be more to read, and when there will be no more. */
class LogNews implements Disposable {
  #over = false
  #changed = false
  #wake: () => void = () => {}
  readonly #watcher: FSWatcher
  readonly #timer: NodeJS.Timeout | undefined
  readonly #signal: AbortSignal
  readonly #finish = () => {
    this.#over = true
    this.#tell()
  }

  constructor({ path, ended, signal, options: { untilMs } }: LogReading & { readonly ended: Promise<unknown> }) {
    this.#signal = signal
    this.#watcher = watch(path, () => this.#tell())
    this.#watcher.on('error', this.#finish) // the file is gone: nothing more can come
    this.#timer =
      untilMs < Number.POSITIVE_INFINITY ? setTimeout(this.#finish, Math.max(0, untilMs - Date.now())) : undefined
    signal.addEventListener('abort', this.#finish, { once: true })
    ended.then(this.#finish, this.#finish)
  }

  /** The container has ended, the client has gone, or the last moment that was asked for is past. */
  get over(): boolean {
    return this.#over
  }

  /** Waits until something may have been written since the last call. */
  async next(): Promise<void> {
    if (!this.#changed && !this.#over) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    this.#changed = false
  }

  #tell(): void {
    this.#changed = true
    this.#wake()
  }

  [Symbol.dispose](): void {
    this.#watcher.close()
    clearTimeout(this.#timer)
    this.#signal.removeEventListener('abort', this.#finish)
  }
}
