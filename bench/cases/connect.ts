import { connectNetwork, createNetwork, disconnectNetwork, removeNetwork } from '../../src/client/networks.ts'
import { measureBareNetwork } from '../support/bare-network.ts'
import type { BenchEngine } from '../support/engine.ts'
import type { Row } from '../support/report.ts'
import { Timings } from '../support/timings.ts'

const rounds = 15

/** A running container plugged in and out. */
export async function connect(engine: BenchEngine): Promise<Row[]> {
  const { transport } = engine
  const timings = new Timings()
  await measureBareNetwork(timings, rounds)
  await createNetwork(transport, { Name: 'second' })
  const id = await engine.create('bridge')
  await engine.start(id)
  for (let round = 0; round < rounds; round++) {
    await timings.time('connect', () => connectNetwork(transport, 'second', { Container: id, EndpointConfig: {} }))
    await timings.time('disconnect', () => disconnectNetwork(transport, 'second', id, false))
  }
  await engine.remove(id)
  await removeNetwork(transport, 'second')
  const away = timings.median('veth away by hand')
  return [
    {
      what: 'network connect, running container',
      value: timings.median('connect'),
      unit: 'ms',
      floor: timings.median('veth by hand'),
      goal: 5,
    },
    {
      what: 'network disconnect, running container',
      value: timings.median('disconnect'),
      unit: 'ms',
      floor: away,
      goal: 5,
    },
  ]
}
