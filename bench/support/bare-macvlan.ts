import { createHost, type Host } from '../../test/support/host.ts'
import { createLan } from '../../test/support/hosts.ts'

/** Two macvlan interfaces on one parent, made by hand. */
export interface BareMacvlan extends Disposable {
  readonly members: readonly Host[]
  readonly addresses: readonly string[]
}

/** Makes them with iproute2 alone. */
export async function createBareMacvlan(): Promise<BareMacvlan> {
  using stack = new DisposableStack()
  const lan = stack.use(createLan(1))
  const addresses = ['192.0.2.64', '192.0.2.65']
  const members: Host[] = []
  for (const address of addresses) {
    const member = stack.use(createHost())
    const words = ['link', 'eth0', 'name', 'eth0', 'netns', member.namespace.path, 'type', 'macvlan', 'mode', 'bridge']
    await lan.hosts[0]!.execOk('ip', ['link', 'add', ...words])
    await member.execOk('sh', ['-c', `ip addr add ${address}/24 dev eth0 && ip link set eth0 up`])
    members.push(member)
  }
  const owned = stack.move()
  return { members, addresses, [Symbol.dispose]: () => owned.dispose() }
}
