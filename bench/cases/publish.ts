import type { BenchEngine } from '../support/engine.ts'
import type { Row } from '../support/report.ts'
import { requestsPerSecond } from '../support/traffic.ts'

/** Requests through a published port, beside the same server asked directly. */
export async function publish(engine: BenchEngine): Promise<Row[]> {
  const { host, cli } = engine
  const id = await engine.create('bridge', { PortBindings: { '80/tcp': [{ HostPort: '10080' }] } })
  const other = await engine.create('bridge')
  for (const one of [id, other]) await engine.start(one)
  await using traffic = await requestsPerSecond(await engine.namespaceOf(id))
  const address = await cli.ok('inspect', '-f', '{{.NetworkSettings.IPAddress}}', id)
  const direct = await traffic.measure(host.namespace.path, `http://${address}/`)
  const published = await traffic.measure(host.namespace.path, 'http://127.0.0.1:10080/')
  const inside = await traffic.measure(await engine.namespaceOf(other), 'http://172.17.0.1:10080/')
  for (const one of [id, other]) await engine.remove(one)
  return [
    { what: 'published port on 127.0.0.1, requests', value: published, unit: '/s', floor: direct, goal: 48_000 },
    { what: 'published port from another container', value: inside, unit: '/s', floor: direct, goal: 45_000 },
  ]
}
