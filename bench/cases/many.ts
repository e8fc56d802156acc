import { setTimeout as sleep } from 'node:timers/promises'
import { listContainers } from '../../src/client/containers.ts'
import { createNetwork, removeNetwork } from '../../src/client/networks.ts'
import type { BenchEngine } from '../support/engine.ts'
import { residentMiB } from '../support/memory.ts'
import type { Row } from '../support/report.ts'
import { Timings } from '../support/timings.ts'

const rounds = 15
/** Milliseconds after which an engine rests, and has given back what it does not need. */
const restMs = 10_000

/** A hundred containers on one network: time, memory, and whether the last cost what the first did. */
export async function many(engine: BenchEngine): Promise<Row[]> {
  const { transport, daemon } = engine
  const timings = new Timings()
  await createNetwork(transport, { Name: 'many' })
  await sleep(restMs)
  const before = residentMiB(daemon.root)
  const ids: string[] = []
  const begin = performance.now()
  for (let number = 0; number < 100; number++) {
    const id = await engine.create('many')
    ids.push(id)
    const name = number < 20 ? 'first' : number >= 80 ? 'last' : 'between'
    await timings.time(name, () => engine.start(id))
  }
  const seconds = (performance.now() - begin) / 1000
  await sleep(restMs)
  const after = residentMiB(daemon.root)
  for (let round = 0; round < rounds; round++)
    await timings.time('list', () => listContainers(transport, { all: true }))
  for (const id of ids) await timings.time('rm', () => engine.remove(id))
  await removeNetwork(transport, 'many')
  return [
    { what: '100 containers on one network, one by one', value: seconds, unit: 's', goal: 6 },
    {
      what: 'start: last 20 of 100 / first 20',
      value: timings.median('last') / timings.median('first'),
      unit: '×',
      goal: 1.05,
    },
    { what: 'list of 100 containers', value: timings.median('list'), unit: 'ms', goal: 10 },
    { what: 'rm -f, 100 containers there', value: timings.median('rm'), unit: 'ms', goal: 45 },
    { what: 'memory per container, RSS', value: (after.rss - before.rss) / 100, unit: 'MiB', goal: 2.5 },
    { what: 'memory per container, PSS', value: (after.pss - before.pss) / 100, unit: 'MiB', goal: 0.5 },
    { what: 'engine without containers, PSS', value: before.pss, unit: 'MiB', goal: 90 },
  ]
}
