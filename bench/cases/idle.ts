import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createNetwork, removeNetwork } from '../../src/client/networks.ts'
import { processesOf } from '../../test/support/sweep.ts'
import type { BenchEngine } from '../support/engine.ts'
import type { Row } from '../support/report.ts'

const containers = 50
/** More than two rounds of the slow comparison of everything. */
const seconds = 70

/** What an engine with containers that do nothing takes of a processor: its reconciler, its timers. */
export async function idle(engine: BenchEngine): Promise<Row[]> {
  await createNetwork(engine.transport, { Name: 'quiet' })
  const ids: string[] = []
  for (let i = 0; i < containers; i++) {
    const id = await engine.create('quiet')
    ids.push(id)
    await engine.start(id)
  }
  await sleep(5000) // the last deletions and compilations end
  const before = ticks(engine.daemon.root)
  await sleep(seconds * 1000)
  const used = ticks(engine.daemon.root) - before
  for (const id of ids) await engine.remove(id)
  await removeNetwork(engine.transport, 'quiet')
  return [{ what: 'idle, 50 containers: of one processor', value: used / seconds, unit: '%', goal: 0.5 }]
}

/** Hundredths of a second that the daemon and the resolver have run. @source proc(5), fields 14 and 15 of stat */
function ticks(root: string): number {
  let total = 0
  for (const { pid, command } of processesOf(root)) {
    if (!command.includes('main.ts')) continue
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    total += Number(fields[11]) + Number(fields[12])
  }
  return total
}
