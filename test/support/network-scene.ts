import { type TestContext, test } from 'node:test'
import type { AttachmentWish, NetworkRequest, PortWish, SandboxView } from '../../src/network/networking.ts'
import { createLan } from './hosts.ts'
import { type LabOptions, type NetworkLab, networkRequest, openNetworkLab } from './network-lab.ts'

/** A lab on the first host of a wire; the second one is the outside. */
export interface Scene {
  readonly lab: NetworkLab
  /** Namespaces, and their addresses on the wire. */
  readonly host: { readonly path: string; readonly address: string }
  readonly outside: { readonly path: string; readonly address: string }
  network(name: string, request?: Partial<NetworkRequest>): Promise<void>
  /** Opens a container's sandbox. */
  container(
    name: string,
    networks: readonly (string | Partial<AttachmentWish>)[],
    ports?: readonly PortWish[],
  ): Promise<Inhabited>
}

/** A container's sandbox. */
export interface Inhabited {
  readonly path: string
  /** Of its first endpoint, without length. */
  readonly address: string
  readonly view: SandboxView
}

/** A test of traffic between containers, their host and the outside. */
export function scene(
  name: string,
  body: (scene: Scene, t: TestContext) => Promise<void>,
  options: LabOptions = {},
): void {
  test(name, { skip: process.getuid?.() === 0 ? false : 'needs root' }, async (t) => {
    using lan = createLan(2)
    const [host] = lan.hosts
    await using lab = await openNetworkLab(host!.namespace, options)
    const place = (i: number) => ({ path: lan.hosts[i]!.namespace.path, address: lan.addresses[i]! })
    await body(
      {
        lab,
        host: place(0),
        outside: place(1),
        network: async (network, request) => void (await lab.networking.create(networkRequest(network, request))),
        async container(container, networks, ports) {
          const view = await lab.networking.openSandbox(lab.wish(container, networks, ports))
          const cidr = view.endpoints[0]?.ipv4 ?? view.endpoints[0]?.ipv6 ?? ''
          return { path: view.sandbox.path, address: cidr.split('/')[0]!, view }
        },
      },
      t,
    )
  })
}
