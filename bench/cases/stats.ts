import { containerStats, listContainers } from '../../src/client/containers.ts'
import { createNetwork, removeNetwork } from '../../src/client/networks.ts'
import { dockerCli } from '../../test/support/docker.ts'
import type { BenchEngine } from '../support/engine.ts'
import { processorUse } from '../support/processor-use.ts'
import type { Row } from '../support/report.ts'
import { Timings } from '../support/timings.ts'

const containers = 200
const seconds = 20
const rounds = 25

/** Two hundred containers: what it costs to measure them all every second, and how long a list of them takes. */
export async function stats(engine: BenchEngine): Promise<Row[]> {
  const { transport, daemon } = engine
  using docker = dockerCli(daemon.socket)
  await createNetwork(transport, { Name: 'many' })
  const ids: string[] = []
  for (let i = 0; i < containers; i++) {
    ids.push(await engine.create('many'))
    await engine.start(ids.at(-1)!)
  }
  const timings = new Timings()
  for (let round = 0; round < rounds; round++) {
    await timings.time('list', () => listContainers(transport, {}))
    await timings.time('metrics', () => transport.send({ method: 'GET', path: '/metrics' }))
    await timings.time('docker ps', () => docker.ok('ps', '-q'))
    await timings.time('docker version', () => docker.ok('version', '-f', '{{.Server.Version}}'))
  }
  const idle = await processorUse(daemon.root, seconds)
  const { busy, answers } = await streamAll(engine, ids)
  for (const id of ids) await engine.remove(id)
  await removeNetwork(transport, 'many')
  return [
    { what: 'stats of 200 containers, a stream each', value: busy, unit: '%', floor: idle, goal: 5 },
    { what: 'answers a second and container', value: answers, unit: '/s', goal: 0.9 },
    { what: 'metrics of 200 containers', value: timings.median('metrics'), unit: 'ms' },
    { what: 'list of 200 containers', value: timings.median('list'), unit: 'ms', goal: 15 },
    {
      what: 'docker ps, 200 containers',
      value: timings.median('docker ps'),
      unit: 'ms',
      floor: timings.median('docker version'),
    },
  ]
}

/** What the daemon takes of a processor while one client for each container reads its stats, and how many they get. */
async function streamAll({ transport, daemon }: BenchEngine, ids: readonly string[]) {
  const control = new AbortController()
  let told = 0
  const readers = ids.map(async (id) => {
    try {
      for await (const _ of containerStats(transport, id, true, control.signal)) told++
    } catch (error) {
      if (!control.signal.aborted) throw error
    }
  })
  await processorUse(daemon.root, 5) // connections are made, code is compiled
  told = 0
  const busy = await processorUse(daemon.root, seconds)
  const answers = told / ids.length / seconds
  control.abort()
  await Promise.all(readers)
  return { busy, answers }
}
