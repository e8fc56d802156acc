import { NetworkNamespace } from '../src/kernel/namespace.ts'
import { NftContext } from '../src/kernel/nftables.ts'
import { closeAll, PortSockets } from '../src/kernel/sockets/port-sockets.ts'
import type { PortWish } from '../src/network/networking.ts'
import { openNetworkLab, port } from '../test/support/network-lab.ts'
import { Timings } from './support/timings.ts'

/** What it costs to publish many ports of a running container in one operation, and to withdraw them. */
const rounds = 7

const cases: readonly {
  readonly what: string
  readonly hostAddress: string
  readonly protocol: PortWish['protocol']
  readonly counts: readonly number[]
  /** How far the container's numbers are from the host's. */
  readonly distance?: number
}[] = [
  { what: 'tcp on 0.0.0.0', hostAddress: '0.0.0.0', protocol: 'tcp', counts: [1, 100, 1000, 10_000] },
  { what: 'tcp on both families', hostAddress: '', protocol: 'tcp', counts: [1, 100, 1000, 10_000] },
  { what: 'udp on both families', hostAddress: '', protocol: 'udp', counts: [1, 100, 1000, 10_000] },
  { what: 'tcp on 0.0.0.0, moved', hostAddress: '0.0.0.0', protocol: 'tcp', counts: [10_000], distance: 1 },
]

using host = NetworkNamespace.create()
floor()
await using lab = await openNetworkLab(host)
const { networking } = lab
const container = lab.wish('many', ['bridge'])
await networking.openSandbox(container)

for (const { what, hostAddress, protocol, counts, distance = 0 } of cases) {
  for (const count of counts) {
    const wishes = Array.from({ length: count }, (_, i) => {
      return { ...port(20_000 + i, 20_000 + distance + i), hostAddress, protocol }
    })
    const timings = new Timings()
    for (let round = 0; round < rounds; round++) {
      const bound = await timings.time('publish', () => networking.publish(container.containerId, wishes))
      await timings.time('unpublish', () => networking.unpublish(container.containerId, bound, []))
    }
    const [publish, unpublish] = [timings.median('publish'), timings.median('unpublish')]
    const text = `publish ${publish.toFixed(1)} ms, unpublish ${unpublish.toFixed(1)} ms`
    console.log(`${String(count).padStart(6)} ports, ${what}: ${text}`)
  }
}

/** The kernel's part alone: a socket for each port, and the rules in one transaction. */
function floor(): void {
  const timings = new Timings()
  using nft = new NftContext(host)
  nft.run('add table inet floor; add map inet floor m { type inet_proto . inet_service : ipv4_addr; flags interval; }')
  for (let round = 0; round < rounds; round++) {
    const sockets = new PortSockets('tcp', '*')
    const start = performance.now()
    const fds = host.run(() => Array.from({ length: 10_000 }, (_, i) => sockets.open(20_000 + i)))
    timings.add('bind', performance.now() - start)
    const element = 'tcp . 20000-29999'
    const rules = performance.now()
    nft.run(`add element inet floor m { ${element} : 172.17.0.2 }`)
    timings.add('nft', performance.now() - rules)
    nft.run(`delete element inet floor m { ${element} }`)
    const end = performance.now()
    closeAll(fds)
    timings.add('close', performance.now() - end)
  }
  nft.run('delete table inet floor')
  const of = (what: string) => timings.median(what).toFixed(1)
  console.log(` 10000 ports by hand: bind ${of('bind')} ms, rules ${of('nft')} ms, close ${of('close')} ms`)
}
