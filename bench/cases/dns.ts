import { createNetwork, removeNetwork } from '../../src/client/networks.ts'
import type { BenchEngine } from '../support/engine.ts'
import type { Row } from '../support/report.ts'
import { dnsPerSecond } from '../support/traffic.ts'

/** Names answered inside a container. */
export async function dns(engine: BenchEngine): Promise<Row[]> {
  await createNetwork(engine.transport, { Name: 'names' })
  const id = await engine.create('names')
  await engine.start(id)
  const { perSecond, p99Ms } = await dnsPerSecond(await engine.namespaceOf(id), id.slice(0, 12))
  await engine.remove(id)
  await removeNetwork(engine.transport, 'names')
  return [
    { what: 'DNS, one name', value: perSecond, unit: '/s', goal: 80_000 },
    { what: 'DNS, p99 under that load', value: p99Ms, unit: 'ms' },
  ]
}
