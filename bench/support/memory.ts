import { readFileSync } from 'node:fs'
import { processesOf } from '../../test/support/sweep.ts'

/** Memory of all processes of the engine under `root`, containers' own programs left out. */
export function residentMiB(root: string): { rss: number; pss: number } {
  const total = { rss: 0, pss: 0 }
  for (const { pid, command } of processesOf(root)) {
    if (!command.includes(root)) continue // a container's program: not the engine's
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    total.rss += Number(/^Rss:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024
    total.pss += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024
  }
  return total
}
