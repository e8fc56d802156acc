import { setTimeout as sleep } from 'node:timers/promises'
import { createNetwork, removeNetwork } from '../../src/client/networks.ts'
import type { BenchEngine } from '../support/engine.ts'
import { processorUse } from '../support/processor-use.ts'
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
  const used = await processorUse(engine.daemon.root, seconds)
  for (const id of ids) await engine.remove(id)
  await removeNetwork(engine.transport, 'quiet')
  return [{ what: 'idle, 50 containers: of one processor', value: used, unit: '%', goal: 0.5 }]
}
