import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { addAddress } from '../../src/kernel/netlink/addresses.ts'
import { createMacvlan } from '../../src/kernel/netlink/create-link.ts'
import { deleteLinkAsync, findLink, setLink } from '../../src/kernel/netlink/links.ts'
import { NetlinkSocket } from '../../src/kernel/netlink/netlink-socket.ts'
import type { Host } from '../../test/support/host.ts'
import { lanContainer, lanRequest, type MacvlanLab, openMacvlanLab } from '../../test/support/macvlan-lab.ts'
import { attachment, networkRequest } from '../../test/support/network-lab.ts'
import { createBareMacvlan } from '../support/bare-macvlan.ts'
import { iperf, iperfServer } from '../support/iperf.ts'
import type { Row } from '../support/report.ts'
import { Timings } from '../support/timings.ts'

const attaches = 20
const rounds = 9
const seconds = 2
const port = 5201

/** Containers on the host's LAN: plugging one in, and one TCP stream between two, beside the same made by hand. */
export async function macvlan(): Promise<Row[]> {
  await using lan = await openMacvlanLab(1)
  const times = await measureAttach(lan)
  const speeds = await measureThroughput(lan)
  const floor = speeds.median('by hand')
  const attach = times.median('attach by hand')
  return [
    { what: 'macvlan attach', value: times.median('attach'), unit: 'ms', floor: attach, goal: attach + 5 },
    { what: 'macvlan detach', value: times.median('detach'), unit: 'ms', floor: times.median('detach by hand') },
    {
      what: 'macvlan, container to container, TCP',
      value: speeds.median('macvlan'),
      unit: 'Gbit/s',
      floor,
      goal: floor * 0.98,
    },
  ]
}

async function measureAttach({ labs, hosts }: MacvlanLab): Promise<Timings> {
  const times = new Timings()
  const { networking, wish } = labs[0]!
  await networking.create(lanRequest('attach', {}, { ipamConfigs: [{ subnet: '198.51.100.0/24' }] }))
  await networking.create(networkRequest('base'))
  const { containerId } = wish('box', ['base'])
  await networking.openSandbox(wish('box', ['base']))
  for (let round = 0; round < attaches; round++) {
    await attachByHand(hosts[0]!, times)
    await times.time('attach', () => networking.connect(containerId, attachment({ network: 'attach' })))
    await times.time('detach', () => networking.disconnect(containerId, 'attach'))
  }
  await networking.closeSandbox(containerId)
  return times
}

/** The same requests to the kernel, and nothing else. */
async function attachByHand({ netlink }: Host, times: Timings): Promise<void> {
  using inside = NetworkNamespace.create()
  using within = new NetlinkSocket(inside)
  const parent = findLink(netlink, 'eth0')!.index
  await times.time('attach by hand', () => {
    createMacvlan(netlink, { name: 'eth0', parent, mode: 'bridge', namespace: inside, mac: '02:42:c6:33:64:fe' })
    const { index } = findLink(within, 'eth0')!
    addAddress(within, index, { address: '198.51.100.254', prefixLength: 24 })
    setLink(within, index, { up: true })
  })
  await times.time('detach by hand', () => deleteLinkAsync(within, 'eth0'))
}

/** In turns, so that what else the machine does hits both alike. */
async function measureThroughput({ labs }: MacvlanLab): Promise<Timings> {
  const speeds = new Timings()
  using bare = await createBareMacvlan()
  await labs[0]!.networking.create(lanRequest('data'))
  const server = await lanContainer(labs[0]!, 'server', ['data'])
  const client = await lanContainer(labs[0]!, 'client', ['data'])
  const [bareClient, bareServer] = bare.members.map(({ namespace }) => namespace.path)
  await using _ours = await iperfServer(server.path)
  await using _theirs = await iperfServer(bareServer!)
  for (let round = 0; round < rounds; round++) {
    speeds.add('by hand', await iperf(bareClient!, bare.addresses[1]!, port, seconds))
    speeds.add('macvlan', await iperf(client.path, server.address, port, seconds))
  }
  return speeds
}
