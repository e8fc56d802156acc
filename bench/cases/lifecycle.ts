import { act } from '../../src/client/containers.ts'
import { createNetwork, removeNetwork } from '../../src/client/networks.ts'
import { measureBareRuntime } from '../support/bare-runtime.ts'
import type { BenchEngine } from '../support/engine.ts'
import type { Row } from '../support/report.ts'
import { Timings } from '../support/timings.ts'

const rounds = 15

/** Containers created, started, stopped and removed, by what their network is. */
export async function lifecycle(engine: BenchEngine): Promise<Row[]> {
  const { transport } = engine
  const timings = new Timings()
  await measureBareRuntime(timings, rounds)
  await createNetwork(transport, { Name: 'life' })
  const ports = {
    PortBindings: Object.fromEntries(
      Array.from({ length: 10 }, (_, k) => [`${80 + k}/tcp`, [{ HostPort: String(9000 + k) }]]),
    ),
  }
  for (let round = 0; round < rounds; round++) {
    for (const [name, where, settings] of [
      ['none', 'none', {}],
      ['user', 'life', {}],
      ['ports', 'life', ports],
    ] as const) {
      const id = await timings.time(`create ${name}`, () => engine.create(where, settings))
      await timings.time(`start ${name}`, () => engine.start(id))
      if (name === 'user') await timings.time('stop', () => act(transport, id, 'stop', { t: 0 }))
      if (name === 'user') await engine.start(id)
      await timings.time(`rm ${name}`, () => engine.remove(id))
    }
  }
  await removeNetwork(transport, 'life')
  const [floor, gone] = [timings.median('crun start'), timings.median('crun rm')]
  const none = timings.median('start none')
  return [
    { what: 'container create', value: timings.median('create none'), unit: 'ms' },
    { what: 'container start, network none', value: none, unit: 'ms', floor, goal: 40 },
    { what: 'container start, user-defined bridge', value: timings.median('start user'), unit: 'ms', floor, goal: 45 },
    { what: 'what the network adds to a start', value: timings.median('start user') - none, unit: 'ms', goal: 5 },
    { what: 'start with 10 published ports', value: timings.median('start ports'), unit: 'ms', floor, goal: 46 },
    {
      what: 'stop of a running container (timeout 0)',
      value: timings.median('stop'),
      unit: 'ms',
      floor: gone,
      goal: 45,
    },
    { what: 'rm -f of a running container', value: timings.median('rm user'), unit: 'ms', floor: gone, goal: 45 },
  ]
}
