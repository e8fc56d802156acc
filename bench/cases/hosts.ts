import { join } from 'node:path'
import { inspectContainer } from '../../src/client/containers.ts'
import { connectNetwork, createNetwork, disconnectNetwork } from '../../src/client/networks.ts'
import { eventually } from '../../test/support/eventually.ts'
import { type BenchLan, openBenchLan } from '../support/bench-lan.ts'
import type { BenchEngine } from '../support/engine.ts'
import type { Row } from '../support/report.ts'
import { SimulatedHosts } from '../support/simulated-hosts.ts'
import { Timings } from '../support/timings.ts'
import { WitnessHost } from '../support/witness-host.ts'

const rounds = 50
const crowds = 5
const crowdSize = 1000

/**
 * How soon hosts know of each other's endpoints; three engines, and etcd on a host of its own. A container that starts
 * has its addresses before its process runs, so others may know it before the start is answered: less than nothing.
 */
export async function hosts(): Promise<Row[]> {
  await using lan = await openBenchLan(3)
  const timings = new Timings()
  const floor = await measureFloor(lan)
  await measureNews(lan, timings)
  await measureArrival(lan, timings)
  const news = (what: string, name: string, goal?: number): Row => ({
    ...{ what: `${what}, known on all hosts`, value: timings.median(name), unit: 'ms', floor },
    ...(goal !== undefined && { goal }),
  })
  return [
    news('connect: from the ask', 'connect asked'),
    news('connect: from its answer', 'connect answered', 50),
    news('start: from the ask', 'start asked'),
    news('start: from its answer', 'start answered', 50),
    {
      what: 'first container, 1 000 remote endpoints there',
      value: timings.median('all there') / 1000,
      unit: 's',
      floor: timings.median('nobody there') / 1000,
      goal: 2,
    },
  ]
}

async function measureFloor({ etcd, etcdHost }: BenchLan): Promise<number> {
  const program = join(import.meta.dirname, '../support/watch-floor.ts')
  return Number(await etcdHost.execOk(process.execPath, [program, etcd.members[0]!]))
}

/** One endpoint more on the first host, by connect and by start, and when the other two know it. */
async function measureNews({ engines }: BenchLan, timings: Timings): Promise<void> {
  const [here, ...others] = engines as [BenchEngine, ...BenchEngine[]]
  const network = await createOverlay(engines, 'news', '10.1.0.0/16')
  await using undo = new AsyncDisposableStack()
  const witnesses: WitnessHost[] = []
  for (const engine of others) {
    const container = await engine.create('news')
    await engine.start(container)
    const path = namespaceOf(engine, network)
    witnesses.push(undo.use(await WitnessHost.open(engine.host, path, await engine.namespaceOf(container))))
  }
  const mover = await here.create('bridge')
  await here.start(mover)
  const measure = async (what: string, container: string, name: string, act: () => Promise<void>) => {
    for (const witness of witnesses) witness.ask(name)
    await new Promise((resolve) => setTimeout(resolve, 50)) // they ask
    const asked = performance.now()
    await act()
    const answered = performance.now()
    const mac = await macOf(here, container)
    const knew = Math.max(...(await Promise.all(witnesses.map((witness) => witness.knew({ mac, name })))))
    timings.add(`${what} asked`, knew - asked)
    timings.add(`${what} answered`, knew - answered)
  }
  for (let round = 0; round < rounds; round++) {
    const alias = `moved${round}`
    const EndpointConfig = { Aliases: [alias] }
    await measure('connect', mover, alias, () =>
      connectNetwork(here.transport, 'news', { Container: mover, EndpointConfig }),
    )
    await disconnectNetwork(here.transport, 'news', mover, false)
    const started = await here.create('news')
    await measure('start', started, started.slice(0, 12), () => here.start(started))
    await here.remove(started)
  }
}

/** A network with 1 000 endpoints of a simulated host, and the first container on it here; then one with none. */
async function measureArrival({ engines, etcd, etcdHost }: BenchLan, timings: Timings): Promise<void> {
  const here = engines[1]!
  await using crowd = await SimulatedHosts.open(etcdHost, { members: etcd.members, count: 1 })
  for (let round = 0; round < crowds; round++) {
    const network = await createOverlay(engines, `crowd${round}`, `10.${10 + round}.0.0/16`)
    await crowd.reserve(network, crowdSize)
    await timings.time('all there', async () => {
      const container = await here.create(`crowd${round}`)
      await here.start(container)
      await eventually(() => counted(here, network), { entries: crowdSize, neighbours: crowdSize })
      await lastNameAnswered(here, container, network)
    })
    await createOverlay(engines, `empty${round}`, `10.${20 + round}.0.0/16`)
    await timings.time('nobody there', async () => {
      await here.start(await here.create(`empty${round}`))
    })
  }
}

/** What iproute2 counts of remote endpoints; hosts themselves have entries of another kind. */
async function counted(engine: BenchEngine, network: string) {
  const enter = (...words: string[]) =>
    engine.host.execOk('nsenter', [`--net=${namespaceOf(engine, network)}`, ...words])
  const entries = (await enter('bridge', 'fdb', 'show')).match(/^02:42:.* dst .*self permanent/gm) ?? []
  const neighbours = (await enter('ip', '-4', 'neigh')).match(/lladdr 02:42:.* PERMANENT/g) ?? []
  return { entries: entries.length, neighbours: neighbours.length }
}

/** The last name that was made; all are announced together. */
async function lastNameAnswered(engine: BenchEngine, container: string, network: string): Promise<void> {
  const name = `far-${network.slice(0, 6)}-1-${crowdSize - 1}`
  const words = ['dig', '+short', '+tries=1', '@127.0.0.11', name]
  const answer = await engine.host.execOk('nsenter', [`--net=${await engine.namespaceOf(container)}`, ...words])
  if (!answer.startsWith('10.')) throw new Error(`"${name}" is not answered: ${answer}`)
}

async function createOverlay(engines: readonly BenchEngine[], Name: string, Subnet: string): Promise<string> {
  const body = { Name, Driver: 'overlay', IPAM: { Driver: 'default', Config: [{ Subnet }] } }
  const { Id } = await createNetwork(engines[0]!.transport, body)
  for (const { cli } of engines) await eventually(async () => (await cli.run(['network', 'inspect', Name])).code, 0)
  return Id
}

async function macOf({ transport }: BenchEngine, container: string): Promise<string> {
  const { Networks } = (await inspectContainer(transport, container)).NetworkSettings
  return Networks['news']!.MacAddress!
}

function namespaceOf({ daemon }: BenchEngine, network: string): string {
  return join(daemon.root, 'run', 'overlay', network.slice(0, 12))
}
