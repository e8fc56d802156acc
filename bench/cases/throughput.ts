import { createNetwork, removeNetwork } from '../../src/client/networks.ts'
import { createBareHost, plugOutside } from '../support/bare-host.ts'
import type { BenchEngine } from '../support/engine.ts'
import { iperf, iperfServer } from '../support/iperf.ts'
import type { Row } from '../support/report.ts'
import { Timings } from '../support/timings.ts'

const rounds = 9
const seconds = 2
const port = 5201

/** One TCP stream, container to container and through a published port, beside the same made by hand. */
export async function throughput(engine: BenchEngine): Promise<Row[]> {
  await createNetwork(engine.transport, { Name: 'data' })
  const server = await engine.create('data', { PortBindings: { [`${port}/tcp`]: [{ HostPort: String(port) }] } })
  const client = await engine.create('data')
  for (const id of [server, client]) await engine.start(id)
  const speeds = await measure(engine, server, client)
  for (const id of [server, client]) await engine.remove(id)
  await removeNetwork(engine.transport, 'data')
  return [
    row('container to container, TCP', speeds, 'between', 0.98),
    row('published port from outside, TCP', speeds, 'published', 0.95),
  ]
}

function row(what: string, speeds: Timings, kind: string, share: number): Row {
  const floor = speeds.median(`${kind} by hand`)
  return { what, value: speeds.median(kind), unit: 'Gbit/s', floor, goal: floor * share }
}

/** In turns, so that what else the machine does hits both alike. */
async function measure(engine: BenchEngine, serverId: string, clientId: string): Promise<Timings> {
  using stack = new DisposableStack()
  const bare = stack.use(await createBareHost())
  const [bareServer, bareClient] = bare.members.map(({ namespace }) => namespace.path)
  const ours = plugOutside(engine.host)
  const theirs = plugOutside(bare.host)
  stack.use(ours.outside)
  stack.use(theirs.outside)
  const server = await engine.namespaceOf(serverId)
  const client = await engine.namespaceOf(clientId)
  const address = await engine.cli.ok('inspect', '-f', '{{.NetworkSettings.Networks.data.IPAddress}}', serverId)
  await using _ours = await iperfServer(server)
  await using _theirs = await iperfServer(bareServer!)
  const speeds = new Timings()
  for (let round = 0; round < rounds; round++) {
    speeds.add('between by hand', await iperf(bareClient!, bare.addresses[0]!, port, seconds))
    speeds.add('between', await iperf(client, address, port, seconds))
    speeds.add('published by hand', await iperf(theirs.outside.namespace.path, theirs.address, port, seconds))
    speeds.add('published', await iperf(ours.outside.namespace.path, ours.address, port, seconds))
  }
  return speeds
}
