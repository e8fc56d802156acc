import { createHost, type Host } from '../../test/support/host.ts'
import { createLan } from '../../test/support/hosts.ts'

/** Two hosts with a VXLAN tunnel between them, made by hand with the settings of an overlay network. */
export interface BareOverlay extends Disposable {
  /** One on each host. */
  readonly members: readonly Host[]
  /** Their addresses in the tunnel. */
  readonly addresses: readonly string[]
}

/** Makes them with iproute2 alone. */
export async function createBareOverlay(): Promise<BareOverlay> {
  using stack = new DisposableStack()
  const lan = stack.use(createLan(2))
  const members: Host[] = []
  const addresses = ['10.0.0.2', '10.0.0.3']
  for (const [i, host] of lan.hosts.entries()) {
    const member = stack.use(createHost())
    const far = 1 - i
    const mac = `02:42:0a:00:00:0${far + 2}`
    const script = `set -e
      ip link add br0 mtu 1450 type bridge mcast_snooping 0
      ip link add vx0 mtu 1450 type vxlan id 4097 dstport 4789 local ${lan.addresses[i]} nolearning proxy
      ip link set vx0 master br0
      bridge link set dev vx0 learning off flood off mcast_flood off bcast_flood off neigh_suppress on
      ip link add port0 mtu 1450 master br0 type veth peer name eth0 mtu 1450 netns ${member.namespace.path}
      for link in br0 vx0 port0; do ip link set $link up; done
      bridge fdb replace ${mac} dev vx0 dst ${lan.addresses[far]} self permanent
      bridge fdb replace ${mac} dev vx0 master static
      ip neigh replace ${addresses[far]} lladdr ${mac} dev br0 nud permanent`
    await host.execOk('sh', ['-c', script])
    const inside = `ip link set eth0 address 02:42:0a:00:00:0${i + 2} up && ip addr add ${addresses[i]}/24 dev eth0`
    await member.execOk('sh', ['-c', inside])
    members.push(member)
  }
  const owned = stack.move()
  return { members, addresses, [Symbol.dispose]: () => owned.dispose() }
}
