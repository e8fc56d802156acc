import { type FSWatcher, watch } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { preciseMillisecondsOf } from '../../base/clock.ts'
import type { LogEntry, LogOptions } from '../containers.ts'
import { inodeOf, type LogFile, openLogFiles, openNextLogFile } from './log-files.ts'
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
  /** How many files there may be, this one among them. */
  readonly maxFiles: number
  readonly options: LogOptions
  /** Settles when nothing more will be written; undefined when that is so already. */
  readonly ended: Promise<unknown> | undefined
  readonly signal: AbortSignal
}

/**
 * Reads a container's log in handfuls of lines, the oldest file first; with `follow`, goes on until the container ends, or the signal aborts.
 *
 * Memory is bounded: one block of a file is held, and the next is read when the entries of the last were taken.
 * New output is noticed by watching the file, not by looking again and again. A file that is put aside meanwhile is
 * read to its end.
 */
export async function* readLogs(reading: LogReading): AsyncGenerator<readonly LogEntry[]> {
  const { options, ended } = reading
  const follows = options.follow && ended !== undefined
  using news = follows ? new LogNews({ ...reading, ended }) : undefined
  await using source = await LogSource.open(reading)
  let rest: Buffer = Buffer.alloc(0)
  for (;;) {
    const over = news === undefined || news.over // asked before reading: what was written until then is read
    const read = await source.read()
    if (reading.signal.aborted) return
    if (read === undefined) {
      if (over) return
      await news?.next()
      continue
    }
    const bytes = Buffer.concat([rest, read])
    const end = bytes.lastIndexOf(newline) + 1
    const { entries, late } = chooseEntries(bytes.subarray(0, end), options)
    if (entries.length > 0) yield entries
    if (late) return
    rest = bytes.length - end > longestLine ? Buffer.alloc(0) : bytes.subarray(end)
  }
}

/** The files of a log as one stream of bytes, from where the reader wants it. */
class LogSource implements AsyncDisposable {
  readonly #reading: LogReading
  readonly #block = Buffer.allocUnsafe(blockBytes)
  /** Still to be read, the oldest first. */
  #files: LogFile[]
  #position: number

  private constructor(reading: LogReading, files: LogFile[], position: number) {
    this.#reading = reading
    this.#files = files
    this.#position = position
  }

  static async open(reading: LogReading): Promise<LogSource> {
    const files = await openLogFiles(reading.path, reading.maxFiles)
    const handles = files.map(({ handle }) => handle)
    const tail = await findTail(handles, reading.options.tail)
    await closeAll(handles.slice(0, tail.file))
    return new LogSource(reading, files.slice(tail.file), tail.offset)
  }

  /** Bytes that hold until the next call; undefined when there are no more just now. */
  async read(): Promise<Buffer | undefined> {
    for (let file = this.#files[0]; file !== undefined; file = this.#files[0]) {
      const isOver = this.#files.length > 1 || (await this.#next(file)) // asked first: nothing is added to it after that
      const { bytesRead } = await file.handle.read(this.#block, 0, blockBytes, this.#position)
      this.#position += bytesRead
      if (bytesRead > 0) return this.#block.subarray(0, bytesRead)
      if (!isOver) return undefined
      this.#files.shift()
      this.#position = 0
      await file.handle.close()
    }
    return undefined
  }

  /** Looks for the file after the last one. */
  async #next(file: LogFile): Promise<boolean> {
    const { path, maxFiles, options } = this.#reading
    const next = options.follow ? await openNextLogFile(path, maxFiles, file.inode) : undefined
    if (next !== undefined) this.#files.push(next)
    return next !== undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await closeAll(this.#files.map(({ handle }) => handle))
  }
}

async function closeAll(handles: readonly FileHandle[]): Promise<void> {
  await Promise.all(handles.map((handle) => handle.close()))
}

/** What is wanted of whole lines, and whether a line came that is past the last moment that was asked for. */
function chooseEntries(bytes: Buffer, options: LogOptions): { entries: LogEntry[]; late: boolean } {
  const entries: LogEntry[] = []
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(newline, start) + 1
    const line = parseLogLine(bytes.subarray(start, end))
    start = end
    if (line === undefined) continue
    const verdict = judge(line, options)
    if (verdict === 'late') return { entries, late: true }
    if (verdict === 'wanted') entries.push({ stream: line.stream, time: line.time, bytes: line.bytes })
  }
  return { entries, late: false }
}

function judge(
  { stream, time }: LogEntry,
  { stdout, stderr, sinceMs, untilMs }: LogOptions,
): 'wanted' | 'unwanted' | 'late' {
  if (sinceMs > 0 || untilMs < Number.POSITIVE_INFINITY) {
    const at = preciseMillisecondsOf(time)
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
  #watcher: FSWatcher | undefined
  #inode: number | undefined
  readonly #path: string
  readonly #timer: NodeJS.Timeout | undefined
  readonly #signal: AbortSignal
  readonly #finish = () => {
    this.#over = true
    this.#tell()
  }

  constructor({ path, ended, signal, options: { untilMs } }: LogReading & { readonly ended: Promise<unknown> }) {
    this.#path = path
    this.#signal = signal
    this.#watch()
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
    if (!this.#over && inodeOf(this.#path) !== this.#inode) {
      this.#watch()
      return // a new file: it is read before anything is waited for
    }
    if (!this.#changed && !this.#over) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    this.#changed = false
  }

  #watch(): void {
    this.#watcher?.close()
    this.#inode = inodeOf(this.#path)
    if (this.#inode === undefined) {
      this.#finish() // the file is gone: nothing more can come
      return
    }
    this.#watcher = watch(this.#path, () => this.#tell())
    this.#watcher.on('error', this.#finish)
  }

  #tell(): void {
    this.#changed = true
    this.#wake()
  }

  [Symbol.dispose](): void {
    this.#watcher?.close()
    clearTimeout(this.#timer)
    this.#signal.removeEventListener('abort', this.#finish)
  }
}
