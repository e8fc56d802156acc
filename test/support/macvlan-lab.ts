import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import type { AttachmentWish, NetworkRequest } from '../../src/network/networking.ts'
import type { Host } from './host.ts'
import { createLan } from './hosts.ts'
import { type LabOptions, type NetworkLab, networkRequest, openNetworkLab } from './network-lab.ts'
import { runIn } from './shell.ts'

/** Engines on hosts of one LAN, 192.0.2.0/24, and one plain host at its end. */
export interface MacvlanLab extends AsyncDisposable {
  readonly labs: readonly NetworkLab[]
  readonly hosts: readonly Host[]
  readonly addresses: readonly string[]
  readonly plain: Host
  readonly wire: Host
}

/** Opens them. @param count of engines */
export async function openMacvlanLab(count: number, options: LabOptions = {}): Promise<MacvlanLab> {
  await using stack = new AsyncDisposableStack()
  const lan = stack.use(createLan(count + 1))
  const labs: NetworkLab[] = []
  for (const host of lan.hosts.slice(0, count)) labs.push(stack.use(await openNetworkLab(host.namespace, options)))
  const owned = stack.move()
  const { hosts, addresses, wire } = lan
  return { labs, hosts, addresses, plain: hosts[count]!, wire, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** A request for a network on eth0 whose containers have addresses of the LAN, from 192.0.2.64 on unless told. */
export function lanRequest(
  name: string,
  options: Readonly<Record<string, string>> = {},
  request: Partial<NetworkRequest> = {},
): NetworkRequest {
  return networkRequest(name, {
    driver: 'macvlan',
    options: { parent: 'eth0', ...options },
    ipamConfigs: [{ subnet: '192.0.2.0/24', ipRange: '192.0.2.64/26' }],
    ...request,
  })
}

/** A container of a lab, as `ip` sees it. */
export interface LanContainer {
  readonly path: string
  readonly address: string
  /** Of eth0. */
  readonly mac: string
  /** What a program in its namespace prints. */
  sh(program: string, ...args: string[]): string
}

/** Opens a container's sandbox. */
export async function lanContainer(
  lab: NetworkLab,
  name: string,
  networks: readonly (string | Partial<AttachmentWish>)[],
): Promise<LanContainer> {
  const view = await lab.networking.openSandbox(lab.wish(name, networks))
  const { path } = view.sandbox
  const sh = (program: string, ...args: string[]) => {
    using namespace = NetworkNamespace.at(path)
    return runIn(namespace, program, ...args)
  }
  const [{ address: mac }] = JSON.parse(sh('ip', '-j', 'link', 'show', 'eth0'))
  return { path, mac, sh, address: view.endpoints[0]?.ipv4?.split('/')[0] ?? '' }
}
