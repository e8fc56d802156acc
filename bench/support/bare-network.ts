import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { addAddress } from '../../src/kernel/netlink/addresses.ts'
import { createBridge, createVeth, deleteLinkAsync, findLink, setLink } from '../../src/kernel/netlink/links.ts'
import { NetlinkSocket } from '../../src/kernel/netlink/netlink-socket.ts'
import type { Timings } from './timings.ts'

/** What the kernel asks for a bridge and for a cable into a container, made by hand. */
export async function measureBareNetwork(timings: Timings, rounds: number): Promise<void> {
  using host = NetworkNamespace.create()
  using netlink = new NetlinkSocket(host)
  for (let round = 0; round < rounds; round++) {
    const bridge = timings.time('bridge by hand', () => {
      const index = createBridge(netlink, { name: 'floor0', up: true, mac: '02:00:5e:00:53:02' })
      addAddress(netlink, index, { address: '10.9.0.1', prefixLength: 24 })
      return index
    })
    const master = await bridge
    using inside = NetworkNamespace.create()
    using within = new NetlinkSocket(inside)
    await timings.time('veth by hand', () => {
      createVeth(netlink, { name: 'cable0', master, up: true, peer: { name: 'eth0', namespace: inside } })
      const { index } = findLink(within, 'eth0')!
      setLink(within, index, { up: true })
      addAddress(within, index, { address: '10.9.0.2', prefixLength: 24 })
    })
    await timings.time('veth away by hand', () => deleteLinkAsync(netlink, 'cable0'))
    await timings.time('bridge away by hand', () => deleteLinkAsync(netlink, 'floor0'))
  }
}
