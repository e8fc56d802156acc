import type { ProgressLine } from './images.ts'

const barWidth = 50

/**
 * A line that shows how far something is, in figures and as a bar.
 *
 * @param current  bytes; never more than `total` when the total is known
 * @param total  bytes; 0 when it is not known
 * @example
 * progressLine('Downloading', 'a1b2c3d4e5f6', 512, 1024).progress
 * // '[=========================>                         ]     512B/1.024kB'
 */
export function progressLine(status: string, id: string, current: number, total: number): ProgressLine {
  const size = renderSize(current).padStart(8)
  if (total <= 0) return { status, id, progressDetail: { current }, progress: size }
  const full = Math.min(barWidth, Math.floor((current / total) * barWidth))
  const bar = full < barWidth ? `${'='.repeat(full)}>${' '.repeat(barWidth - full)}` : `${'='.repeat(barWidth)}>`
  return { status, id, progressDetail: { current, total }, progress: `[${bar}] ${size}/${renderSize(total)}` }
}

/** Bytes as Docker prints them: four digits, decimal units: `1.024kB`. */
export function renderSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  let unit = 0
  let value = bytes
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${Number(value.toPrecision(4))}${units[unit]}`
}

/** The twelve digits by which progress lines name a layer. */
export function layerId(digest: string): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 12)
}

/** Lets at most one call in `everyMs` milliseconds through: progress that nobody could read is not sent. */
export function throttled<Args extends readonly unknown[]>(
  everyMs: number,
  call: (...args: Args) => void,
): (...args: Args) => void {
  let next = 0
  return (...args) => {
    const now = performance.now()
    if (now < next) return
    next = now + everyMs
    call(...args)
  }
}
