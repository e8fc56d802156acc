import type { FileHandle } from 'node:fs/promises'
import { parseLogLine } from './log-format.ts'

const blockBytes = 65_536
const newline = 0x0a

/**
 * Where the last lines of a log begin, found from its end; a line in parts counts once.
 *
 * @param lines  how many; `Infinity` for all
 * @returns an offset in bytes; the size when `lines` is 0
 */
export async function findTail(file: FileHandle, size: number, lines: number): Promise<number> {
  if (lines === Number.POSITIVE_INFINITY) return 0
  if (lines <= 0) return size
  let counted = 0
  let last = true
  for await (const { line, end } of linesBackwards(file, size)) {
    if (last || parseLogLine(line)?.partial !== true) counted++
    if (counted > lines) return end
    last = false
  }
  return 0
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
