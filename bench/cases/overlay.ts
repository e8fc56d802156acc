import type { PeerSpec } from '../../src/network/peers.ts'
import { type OverlayLab, openOverlayLab, overlaySpec } from '../../test/support/overlay-lab.ts'
import { createBareOverlay } from '../support/bare-overlay.ts'
import { iperf, iperfServer } from '../support/iperf.ts'
import type { Row } from '../support/report.ts'
import { Timings } from '../support/timings.ts'

const rounds = 9
const seconds = 2
const port = 5201
const wide = { ...overlaySpec, subnets: [{ prefix: '10.0.0.0/16', gateway: '10.0.0.1', vni: 4097 }] }

/** The data path of overlay networks: one TCP stream between hosts beside the same made by hand, and many peers at once. */
export async function overlay(): Promise<Row[]> {
  const speeds = await measureThroughput()
  const floor = speeds.median('by hand')
  const peers = await measurePeers(1000)
  const more = await measurePeers(10_000)
  return [
    {
      what: 'overlay, container to container, TCP',
      value: speeds.median('overlay'),
      unit: 'Gbit/s',
      floor,
      goal: floor * 0.95,
    },
    { what: '1 000 remote endpoints, fresh host', value: peers.median('told') / 1000, unit: 's', goal: 2 },
    { what: '1 000 remote endpoints, compared', value: peers.median('compared'), unit: 'ms' },
    { what: 'one remote endpoint more, 1 000 there', value: peers.median('one more'), unit: 'ms' },
    { what: '10 000 remote endpoints, fresh host', value: more.median('told') / 1000, unit: 's' },
    { what: 'one remote endpoint more, 10 000 there', value: more.median('one more'), unit: 'ms' },
  ]
}

/** In turns, so that what else the machine does hits both alike. */
async function measureThroughput(): Promise<Timings> {
  await using lab = await openOverlayLab(2)
  using bare = await createBareOverlay()
  const containers = [await lab.hosts[0]!.plugIn('10.0.0.2/24'), await lab.hosts[1]!.plugIn('10.0.0.3/24')]
  await lab.introduce(containers)
  const [client, server] = containers.map(({ namespace }) => namespace.path)
  const [bareClient, bareServer] = bare.members.map(({ namespace }) => namespace.path)
  await using _ours = await iperfServer(server!)
  await using _theirs = await iperfServer(bareServer!)
  const speeds = new Timings()
  for (let round = 0; round < rounds; round++) {
    speeds.add('by hand', await iperf(bareClient!, bare.addresses[1]!, port, seconds))
    speeds.add('overlay', await iperf(client!, '10.0.0.3', port, seconds))
  }
  return speeds
}

async function measurePeers(count: number): Promise<Timings> {
  const timings = new Timings()
  for (let round = 0; round < 5; round++) {
    await using lab = await openOverlayLab(1, wide)
    const some = peersOf(lab, count + rounds)
    const all = some.slice(rounds)
    const { driver, plan } = lab
    const { context } = lab.hosts[0]!
    await timings.time('told', () => driver.peers.ensure(plan, all, context))
    await timings.time('compared', () => driver.peers.ensure(plan, all, context))
    for (const one of some.slice(0, rounds)) {
      await timings.time('one more', () => driver.peers.add(plan, [one], context))
    }
  }
  return timings
}

function peersOf({ driver }: OverlayLab, count: number): PeerSpec[] {
  return Array.from({ length: count }, (_, i) => {
    const address = `10.0.${1 + (i >> 8)}.${i & 255}`
    const hostAddress = `192.0.2.${2 + (i % 100)}`
    return { endpointId: `${i}`, addresses: [`${address}/16`], mac: driver.macFor(address), hostAddress }
  })
}
