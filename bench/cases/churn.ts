import { createNetwork, removeNetwork } from '../../src/client/networks.ts'
import type { BenchEngine } from '../support/engine.ts'
import type { Row } from '../support/report.ts'
import { dnsAtRate, dnsPerSecond } from '../support/traffic.ts'

/** Names answered while containers come and go on the same network. */
export async function churn(engine: BenchEngine): Promise<Row[]> {
  await createNetwork(engine.transport, { Name: 'names' })
  const id = await engine.create('names')
  await engine.start(id)
  const path = await engine.namespaceOf(id)
  const name = id.slice(0, 12)
  const full = await whileContainersComeAndGo(engine, () => dnsPerSecond(path, name))
  const paced = await whileContainersComeAndGo(engine, () => dnsAtRate(path, name))
  const quiet = await dnsAtRate(path, name)
  await engine.remove(id)
  await removeNetwork(engine.transport, 'names')
  return [
    { what: 'DNS while containers come and go', value: full.perSecond, unit: '/s', goal: 80_000 },
    { what: '  p99, one question at a time', value: paced.p99Ms, unit: 'ms', floor: quiet.p99Ms, goal: 0.3 },
    { what: '  p99, under that full load', value: full.p99Ms, unit: 'ms' },
  ]
}

async function whileContainersComeAndGo<T>(engine: BenchEngine, work: () => Promise<T>): Promise<T> {
  const result = work()
  let isDone = false
  const done = () => {
    isDone = true
  }
  result.then(done, done)
  while (!isDone) {
    const other = await engine.create('names')
    await engine.start(other)
    await engine.remove(other)
  }
  return await result
}
