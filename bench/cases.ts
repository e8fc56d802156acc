import { setTimeout as sleep } from 'node:timers/promises'
import { act, listContainers } from '../src/client/containers.ts'
import { createExec, startExec } from '../src/client/execs.ts'
import {
  connectNetwork,
  createNetwork,
  disconnectNetwork,
  listNetworks,
  removeNetwork,
} from '../src/client/networks.ts'
import { measureBareNetwork } from './support/bare-network.ts'
import { measureBareRuntime } from './support/bare-runtime.ts'
import type { BenchEngine } from './support/engine.ts'
import { residentMiB } from './support/memory.ts'
import type { Row } from './support/report.ts'
import { Timings } from './support/timings.ts'
import { dnsPerSecond, requestsPerSecond } from './support/traffic.ts'

const rounds = 15

/** One thing to measure on an engine that does nothing else. */
export type Case = (engine: BenchEngine) => Promise<Row[]>

async function network({ transport }: BenchEngine): Promise<Row[]> {
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

async function lifecycle(engine: BenchEngine): Promise<Row[]> {
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

async function connect(engine: BenchEngine): Promise<Row[]> {
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

async function exec(engine: BenchEngine): Promise<Row[]> {
  const { transport } = engine
  const timings = new Timings()
  await measureBareRuntime(timings, rounds)
  const id = await engine.create('none')
  await engine.start(id)
  for (let round = 0; round < rounds; round++) {
    await timings.time('exec', async () => {
      const body = { Cmd: ['true'], AttachStdout: true, AttachStderr: true }
      const { stream } = await startExec(transport, await createExec(transport, id, body), false)
      for await (const _ of stream);
    })
  }
  await engine.remove(id)
  return [
    { what: 'exec true', value: timings.median('exec'), unit: 'ms', floor: timings.median('crun exec'), goal: 25 },
  ]
}

async function many(engine: BenchEngine): Promise<Row[]> {
  const { transport, daemon } = engine
  const timings = new Timings()
  await createNetwork(transport, { Name: 'many' })
  const before = residentMiB(daemon.root)
  const ids: string[] = []
  const begin = performance.now()
  for (let number = 0; number < 100; number++) {
    const id = await engine.create('many')
    ids.push(id)
    const name = number < 20 ? 'first' : number >= 80 ? 'last' : 'between'
    await timings.time(name, () => engine.start(id))
  }
  const seconds = (performance.now() - begin) / 1000
  await sleep(500)
  const after = residentMiB(daemon.root)
  for (let round = 0; round < rounds; round++)
    await timings.time('list', () => listContainers(transport, { all: true }))
  for (const id of ids) await timings.time('rm', () => engine.remove(id))
  await removeNetwork(transport, 'many')
  return [
    { what: '100 containers on one network, one by one', value: seconds, unit: 's', goal: 6 },
    {
      what: 'start: last 20 of 100 / first 20',
      value: timings.median('last') / timings.median('first'),
      unit: '×',
      goal: 1.05,
    },
    { what: 'list of 100 containers', value: timings.median('list'), unit: 'ms', goal: 10 },
    { what: 'rm -f, 100 containers there', value: timings.median('rm'), unit: 'ms', goal: 45 },
    { what: 'memory per container, RSS', value: (after.rss - before.rss) / 100, unit: 'MiB', goal: 2.5 },
    { what: 'memory per container, PSS', value: (after.pss - before.pss) / 100, unit: 'MiB', goal: 0.5 },
    { what: 'engine without containers, PSS', value: before.pss, unit: 'MiB', goal: 90 },
  ]
}

async function burst(engine: BenchEngine): Promise<Row[]> {
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

async function dns(engine: BenchEngine): Promise<Row[]> {
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

async function publish(engine: BenchEngine): Promise<Row[]> {
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

/** Every case by its name, in the order in which they are run. */
export const cases: Readonly<Record<string, Case>> = { network, lifecycle, connect, exec, many, burst, dns, publish }
