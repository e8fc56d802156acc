import { addAddress } from '../../src/kernel/netlink/addresses.ts'
import { createBridge, createVeth, findLink, setLink } from '../../src/kernel/netlink/links.ts'
import { createHost, type Host } from './host.ts'

/** Several hosts on one wire. */
export interface Lan extends Disposable {
  readonly hosts: readonly Host[]
  /** The wire itself: bridge `lan0` with `port1`, `port2`, … of the hosts. */
  readonly wire: Host
  /** Address of each host on the wire, without prefix length: `"192.0.2.1"`, … */
  readonly addresses: readonly string[]
}

/**
 * Joins `count` hosts by a bridge that lives in a namespace of its own. Each has `eth0` with an address of
 * 192.0.2.0/24, the range that RFC 5737 keeps for documentation: nothing here can ever reach the outside.
 */
export function createLan(count: number): Lan {
  using stack = new DisposableStack()
  const middle = stack.use(createHost())
  const bridge = createBridge(middle.netlink, { name: 'lan0', up: true, mac: '02:00:5e:00:53:01' })
  const hosts: Host[] = []
  const addresses: string[] = []
  for (let number = 1; number <= count; number++) {
    const host = stack.use(createHost())
    const peer = { name: 'eth0', namespace: host.namespace }
    createVeth(middle.netlink, { name: `port${number}`, master: bridge, up: true, peer })
    const { index } = findLink(host.netlink, 'eth0')!
    setLink(host.netlink, index, { up: true })
    const address = `192.0.2.${number}`
    addAddress(host.netlink, index, { address, prefixLength: 24 })
    hosts.push(host)
    addresses.push(address)
  }
  const owned = stack.move()
  return { hosts, addresses, wire: middle, [Symbol.dispose]: () => owned.dispose() }
}
