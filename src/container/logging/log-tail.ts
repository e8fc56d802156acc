import type { FileHandle } from 'node:fs/promises'
import { parseLogLine } from './log-format.ts'

const blockBytes = 65_536
const newline = 0x0a

/** Where the last lines of a log begin. */
export interface Tail {
  /** Which file, counted from the oldest. */
  readonly file: number
  /** Bytes from its start. */
  readonly offset: number
}

/**
 * Where the last lines of a log begin, found from its end; a line in parts counts once.
 *
 * @param files  the oldest first
 * @param lines  how many; `Infinity` for all
 */
export async function findTail(files: readonly FileHandle[], lines: number): Promise<Tail> {
  const last = files.length - 1
  if (lines === Number.POSITIVE_INFINITY || last < 0) return { file: 0, offset: 0 }
  if (lines <= 0) return { file: last, offset: (await files[last]!.stat()).size }
  let counted = 0
  let isLast = true
  for (let file = last; file >= 0; file--) {
    const { size } = await files[file]!.stat()
    for await (const { line, end } of linesBackwards(files[file]!, size)) {
      if (isLast || parseLogLine(line)?.partial !== true) counted++
      if (counted > lines) return { file, offset: end }
      isLast = false
    }
  }
  return { file: 0, offset: 0 }
}

/** Whole lines from the last to the first, each with the offset behind it. */
async function* linesBackwards(file: FileHandle, size: number): AsyncGenerator<{ line: Buffer; end: number }> {
  let rest: Buffer = Buffer.alloc(0) // the line that the block before was cut in
  for (let start = size; start > 0; ) {
    const length = Math.min(blockBytes, start)
    start -= length
    const block = Buffer.alloc(length)
    await file.read(block, 0, length, start)
    const bytes = Buffer.concat([block, rest])
    let end = bytes.length
    while (end > 0) {
      const before = end < 2 ? -1 : bytes.lastIndexOf(newline, end - 2)
      if (before < 0 && start > 0) break
      yield { line: bytes.subarray(before + 1, end), end: start + end }
      end = before + 1
    }
    rest = bytes.subarray(0, end)
  }
}
