import { KeptFile } from '../files/kept-file.ts'
import { lazily } from '../lazily.ts'

/** What the processors of this machine have done so far. */
export interface ProcessorTime {
  /** Nanoseconds of all processors together, idle ones included, as Docker counts them. */
  readonly total: number
  /** How many are switched on. */
  readonly processors: number
}

/** `USER_HZ`: a hundredth of a second, on every architecture that Node runs on. */
const nanosecondsPerTick = 10_000_000
/** user, nice, system, idle, iowait, irq, softirq: not what a hypervisor took, nor guests, who are in `user` already. */
const fields = 7

const file = lazily(() => new KeptFile('/proc/stat'))

/** Reads it for the whole machine. @source proc_stat(5) */
export function readProcessorTime(): ProcessorTime {
  return parseProcessorTime(file().read())
}

/** What `/proc/stat` says. Pure. */
export function parseProcessorTime(text: string): ProcessorTime {
  const ticks = text
    .slice(0, text.indexOf('\n'))
    .split(/\s+/)
    .slice(1, fields + 1)
  const total = ticks.reduce((sum, each) => sum + Number(each), 0) * nanosecondsPerTick
  return { total, processors: text.split(/^cpu\d/m).length - 1 }
}
