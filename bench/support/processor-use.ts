import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { processesOf } from '../../test/support/sweep.ts'

/** Of one processor, in percent: what the daemon and the resolver under `root` take while nothing but `seconds` pass. */
export async function processorUse(root: string, seconds: number): Promise<number> {
  const before = ticks(root)
  const begin = performance.now()
  await sleep(seconds * 1000)
  return ((ticks(root) - before) / (performance.now() - begin)) * 1000
}

/** Hundredths of a second that they have run. @source proc(5), fields 14 and 15 of stat */
function ticks(root: string): number {
  let total = 0
  for (const { pid, command } of processesOf(root)) {
    if (!command.includes('main.ts')) continue
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    total += Number(fields[11]) + Number(fields[12])
  }
  return total
}
