import { connectNetwork, createNetwork, disconnectNetwork, removeNetwork } from '../../src/client/networks.ts'
import { publishPorts, unpublishPort } from '../../src/client/ports.ts'
import type { BenchEngine } from '../support/engine.ts'
import type { Row } from '../support/report.ts'
import { Timings } from '../support/timings.ts'
import { dnsOneAtATime } from '../support/traffic.ts'

const rounds = 31
const few = 10
const lots = 1000
/** Containers among which the endpoints are shared out: each is on its part of the networks. */
const containers = 10
const goal = 1.2

/** What an operation costs among 1 000 networks with 1 000 endpoints, as a multiple of what it costs among 10. */
export async function scale(engine: BenchEngine): Promise<Row[]> {
  const crowd = await Crowd.open(engine)
  await crowd.growTo(few)
  const small = await measure(engine, crowd)
  await crowd.growTo(lots)
  const large = await measure(engine, crowd)
  await crowd.close()
  return Object.keys(operations).flatMap((what): Row[] => [
    { what: `${what}, among 1 000`, value: large.median(what), unit: 'ms', floor: small.median(what) },
    { what: '  of what it costs among 10', value: large.median(what) / small.median(what), unit: '×', goal },
  ])
}

/** Networks with one endpoint each. */
class Crowd {
  readonly #engine: BenchEngine
  readonly #members: readonly string[]
  #size = 0

  private constructor(engine: BenchEngine, members: readonly string[]) {
    this.#engine = engine
    this.#members = members
  }

  static async open(engine: BenchEngine): Promise<Crowd> {
    await createNetwork(engine.transport, { Name: 'home' })
    const members = await Promise.all(Array.from({ length: containers }, () => engine.create('home')))
    for (const id of members) await engine.start(id)
    return new Crowd(engine, members)
  }

  /** The container that is measured. */
  get subject(): string {
    return this.#members[0]!
  }

  async growTo(size: number): Promise<void> {
    const { transport } = this.#engine
    for (; this.#size < size; this.#size++) {
      const name = `crowd${this.#size}`
      await createNetwork(transport, { Name: name })
      // The measured container itself stays on one: what grows is the engine, not the container.
      const Container = this.#members[1 + (this.#size % (containers - 1))]!
      await connectNetwork(transport, name, { Container, EndpointConfig: {} })
    }
  }

  async close(): Promise<void> {
    const { transport } = this.#engine
    for (const id of this.#members) await this.#engine.remove(id)
    for (let i = 0; i < this.#size; i++) await removeNetwork(transport, `crowd${i}`)
    await removeNetwork(transport, 'home')
  }
}

type Operation = (engine: BenchEngine, crowd: Crowd) => Promise<unknown>

/** In the order in which they are done, round by round. */
const operations: Readonly<Record<string, Operation>> = {
  'network create': ({ transport }) => createNetwork(transport, { Name: 'probe' }),
  'network connect': ({ transport }, { subject: Container }) =>
    connectNetwork(transport, 'probe', { Container, EndpointConfig: {} }),
  publish: ({ transport }, { subject }) => publishPorts(transport, subject, { '80/tcp': [{ HostPort: '8080' }] }),
  'look-up of a name': async (engine, { subject }) =>
    dnsOneAtATime(await engine.namespaceOf(subject), subject.slice(0, 12)),
  unpublish: ({ transport }, { subject }) => unpublishPort(transport, subject, '80/tcp'),
  'network disconnect': ({ transport }, { subject }) => disconnectNetwork(transport, 'probe', subject, false),
  'network rm': ({ transport }) => removeNetwork(transport, 'probe'),
}

async function measure(engine: BenchEngine, crowd: Crowd): Promise<Timings> {
  const timings = new Timings()
  for (let round = 0; round < rounds; round++) {
    for (const [what, operation] of Object.entries(operations)) {
      if (what === 'look-up of a name') timings.add(what, (await operation(engine, crowd)) as number)
      else await timings.time(what, () => operation(engine, crowd))
    }
  }
  return timings
}
