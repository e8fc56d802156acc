import { createNetwork, removeNetwork } from '../../src/client/networks.ts'
import type { BenchEngine } from '../support/engine.ts'
import type { Row } from '../support/report.ts'

/** Fifty containers by eight clients at once, then the death of the daemon. */
export async function burst(engine: BenchEngine): Promise<Row[]> {
  await createNetwork(engine.transport, { Name: 'burst' })
  const ids: string[] = []
  let left = 50
  const begin = performance.now()
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const id = await engine.create('burst')
      ids.push(id)
      await engine.start(id)
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  const seconds = (performance.now() - begin) / 1000
  await engine.daemon.kill9()
  const killed = performance.now()
  await engine.daemon.start()
  const back = (performance.now() - killed) / 1000
  await Promise.all(ids.map((id) => engine.remove(id)))
  await removeNetwork(engine.transport, 'burst')
  return [
    { what: '50 containers, 8 at a time: create + start', value: seconds, unit: 's', goal: 2 },
    { what: 'kill -9 to API answering, 50 containers', value: back, unit: 's', goal: 0.5 },
  ]
}
