import { addAddress } from '../../src/kernel/netlink/addresses.ts'
import { createBridge, createVeth, findLink, setLink } from '../../src/kernel/netlink/links.ts'
import { addRoute } from '../../src/kernel/netlink/routes.ts'
import { createHost, type Host } from '../../test/support/host.ts'

/** A host with two "containers" on a bridge, made by hand: what any engine's data path comes down to. */
export interface BareHost extends Disposable {
  readonly host: Host
  readonly members: readonly Host[]
  /** Of the members, without length. */
  readonly addresses: readonly string[]
}

const ruleset = `
table ip bare {
  chain prerouting {
    type nat hook prerouting priority dstnat
    tcp dport 5201 dnat to 10.9.0.2:5201
  }
  chain postrouting {
    type nat hook postrouting priority srcnat
    ip saddr 10.9.0.0/24 oifname != "bridge0" masquerade
  }
}`

/** Makes it. */
export async function createBareHost(): Promise<BareHost> {
  using stack = new DisposableStack()
  const host = stack.use(createHost())
  const master = createBridge(host.netlink, { name: 'bridge0', up: true, mac: '02:00:5e:00:53:03' })
  addAddress(host.netlink, master, { address: '10.9.0.1', prefixLength: 24 })
  const addresses = ['10.9.0.2', '10.9.0.3']
  const members = addresses.map((address, number) => {
    const member = stack.use(createHost())
    createVeth(host.netlink, {
      name: `cable${number}`,
      master,
      up: true,
      peer: { name: 'eth0', namespace: member.namespace },
    })
    const { index } = findLink(member.netlink, 'eth0')!
    setLink(member.netlink, index, { up: true })
    addAddress(member.netlink, index, { address, prefixLength: 24 })
    addRoute(member.netlink, { to: 'default', via: '10.9.0.1', index })
    return member
  })
  await host.execOk('sysctl', ['-qw', 'net.ipv4.ip_forward=1'])
  await host.execOk('nft', ['-f', '-'], { input: ruleset })
  const owned = stack.move()
  return { host, members, addresses, [Symbol.dispose]: () => owned.dispose() }
}

/** Plugs a host of its own into `host`: the outside, which reaches it at the address. */
export function plugOutside(host: Host): { readonly outside: Host; readonly address: string } {
  const outside = createHost()
  createVeth(host.netlink, { name: 'uplink0', up: true, peer: { name: 'eth0', namespace: outside.namespace } })
  addAddress(host.netlink, findLink(host.netlink, 'uplink0')!.index, { address: '192.0.2.1', prefixLength: 24 })
  const { index } = findLink(outside.netlink, 'eth0')!
  setLink(outside.netlink, index, { up: true })
  addAddress(outside.netlink, index, { address: '192.0.2.2', prefixLength: 24 })
  return { outside, address: '192.0.2.1' }
}
