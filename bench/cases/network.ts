import { createNetwork, listNetworks, removeNetwork } from '../../src/client/networks.ts'
import { measureBareNetwork } from '../support/bare-network.ts'
import type { BenchEngine } from '../support/engine.ts'
import type { Row } from '../support/report.ts'
import { Timings } from '../support/timings.ts'

const rounds = 15

/** Networks made, listed and removed. */
export async function network({ transport }: BenchEngine): Promise<Row[]> {
  const timings = new Timings()
  await measureBareNetwork(timings, rounds)
  for (let round = 0; round < rounds; round++) {
    await timings.time('create', () => createNetwork(transport, { Name: `bench${round}` }))
    await timings.time('list', () => listNetworks(transport, []))
    await timings.time('rm', () => removeNetwork(transport, `bench${round}`))
  }
  const floor = timings.median('bridge by hand')
  return [
    { what: 'network create', value: timings.median('create'), unit: 'ms', floor, goal: 5 },
    {
      what: 'network rm',
      value: timings.median('rm'),
      unit: 'ms',
      floor: timings.median('bridge away by hand'),
      goal: 5,
    },
    { what: 'network list', value: timings.median('list'), unit: 'ms', goal: 0.7 },
  ]
}
