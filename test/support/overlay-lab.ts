import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Background } from '../../src/base/background.ts'
import { silentLog } from '../../src/base/log.ts'
import { bringUpLoopback } from '../../src/kernel/named-namespace.ts'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { NetlinkSocket } from '../../src/kernel/netlink/netlink-socket.ts'
import { LinkReaper } from '../../src/network/cables/link-reaper.ts'
import type { DriverContext, EndpointSpec, NetworkSpec } from '../../src/network/driver.ts'
import { OverlayDriver } from '../../src/network/drivers/overlay/overlay-driver.ts'
import type { OverlayPlan } from '../../src/network/drivers/overlay/plan.ts'
import type { NetworkSecrets, PeerSpec } from '../../src/network/peers.ts'
import type { Host } from './host.ts'
import { createLan, type Lan } from './hosts.ts'

/** A container's end of an overlay network. */
export interface OverlayContainer {
  readonly namespace: NetworkNamespace
  readonly endpoint: EndpointSpec
  /** What other hosts are to be told of it. */
  readonly peer: PeerSpec
}

/** One host's part of an overlay network. */
export interface OverlayHost {
  readonly host: Host
  readonly context: DriverContext
  /** What it shares with the others, when the network is encrypted. */
  secrets: NetworkSecrets | undefined
  /** Where the driver keeps the network. */
  readonly path: string
  /** Makes a container with these addresses, `"10.0.0.2/24"`. */
  plugIn(...addresses: string[]): Promise<OverlayContainer>
}

/** An overlay network on several hosts whose peers the test hands over by itself. */
export interface OverlayLab extends AsyncDisposable {
  readonly lan: Lan
  readonly driver: OverlayDriver
  readonly plan: OverlayPlan
  readonly hosts: readonly OverlayHost[]
  /** Tells every host of every other host's containers. */
  introduce(containers: readonly OverlayContainer[]): Promise<void>
}

/** A network with both families, whose VNI was allotted. */
export const overlaySpec: NetworkSpec = {
  id: '0123456789abcdef'.repeat(4),
  name: 'over',
  isDefault: false,
  internal: false,
  enableIPv6: true,
  options: {},
  underlayMtu: 1500,
  subnets: [
    { prefix: '10.0.0.0/24', gateway: '10.0.0.1', vni: 4097 },
    { prefix: 'fd00:10::/64', gateway: 'fd00:10::1' },
  ],
}

/** Opens the lab on hosts that share a wire. All of it is gone when it is disposed of. */
export async function openOverlayLab(
  count: number,
  spec: NetworkSpec = overlaySpec,
  lan: Lan = createLan(count),
): Promise<OverlayLab> {
  await using undo = new AsyncDisposableStack()
  undo.use(lan)
  const driver = new OverlayDriver()
  const plan = driver.plan(spec)
  const hosts: OverlayHost[] = []
  for (const [i, host] of lan.hosts.entries()) {
    const one = await openOverlayHost({ host, address: lan.addresses[i]!, driver, plan }, undo)
    hosts.push(one)
  }
  const owned = undo.move()
  return {
    lan,
    driver,
    plan,
    hosts,
    async introduce(containers) {
      for (const { context } of hosts) {
        const others = containers.filter(({ peer }) => peer.hostAddress !== context.underlay!.address)
        await driver.peers.ensure(
          plan,
          others.map(({ peer }) => peer),
          context,
        )
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

interface HostParts {
  readonly host: Host
  readonly address: string
  readonly driver: OverlayDriver
  readonly plan: OverlayPlan
}

async function openOverlayHost(
  { host, address, driver, plan }: HostParts,
  undo: AsyncDisposableStack,
): Promise<OverlayHost> {
  const background = new Background((what, error) => {
    throw new Error(`cannot ${what}`, { cause: error })
  })
  const reaper = new LinkReaper({ netlink: host.netlink, background })
  undo.defer(() => background.settle())
  undo.defer(() => reaper.close())
  const execRoot = mkdtempSync(join(tmpdir(), 'wharf-overlay-'))
  undo.defer(() => rmSync(execRoot, { recursive: true }))
  const underlay = { address, mtu: 1500 }
  const secretsOf = (): NetworkSecrets | undefined => one.secrets
  const base = { host: host.netlink, hostNamespace: host.namespace, reaper, log: silentLog }
  const context = { ...base, execRoot, underlay, secretsOf }
  undo.defer(() => driver.removeNetwork(plan, context))
  await driver.ensureNetwork(plan, context)
  const path = join(execRoot, 'overlay', plan.networkId.slice(0, 12))
  const containers = undo.use(new AsyncDisposableStack())
  const one: OverlayHost = {
    secrets: undefined,
    host,
    context,
    path,
    async plugIn(...addresses) {
      const container = createContainer(containers)
      const endpoint = endpointOf(driver, addresses)
      await driver.ensureEndpoint(plan, endpoint, container, context)
      const { id: endpointId, mac } = endpoint
      return { namespace: container.namespace, endpoint, peer: { endpointId, addresses, mac, hostAddress: address } }
    },
  }
  return one
}

function createContainer(undo: AsyncDisposableStack) {
  const namespace = undo.use(NetworkNamespace.create())
  const netlink = undo.use(new NetlinkSocket(namespace))
  bringUpLoopback(netlink)
  return { namespace, netlink }
}

/** An endpoint whose id follows from its address. */
export function endpointOf(driver: OverlayDriver, addresses: readonly string[]): EndpointSpec {
  const mac = driver.macFor(addresses[0]!.split('/')[0]!)
  const id = mac.replaceAll(':', '').split('').reverse().join('').padEnd(64, '0')
  return { id, addresses, mac, interfaceName: 'eth0', driverOptions: {} }
}

/** What `bridge fdb` and `ip neigh` show of a peer in a network's namespace: an independent witness. */
export async function witnessPeer({ host, path }: OverlayHost, { mac, addresses }: PeerSpec) {
  const inside = async (...command: string[]) =>
    JSON.parse(await host.execOk('nsenter', [`--net=${path}`, ...command])) as Record<string, unknown>[]
  const entries = (await inside('bridge', '-j', 'fdb', 'show')).filter((entry) => entry['mac'] === mac)
  const neighbours = [...(await inside('ip', '-j', '-4', 'neigh')), ...(await inside('ip', '-j', '-6', 'neigh'))]
  const bare = addresses.map((cidr) => cidr.split('/')[0])
  return {
    remote: entries.filter(({ flags }) => (flags as string[]).includes('self')).map(({ dst }) => dst),
    port: entries.filter(({ master }) => master !== undefined).map(({ ifname }) => ifname),
    neighbours: neighbours
      .filter(({ dst, state }) => bare.includes(dst as string) && (state as string[]).includes('PERMANENT'))
      .map(({ dst, lladdr }) => `${dst} ${lladdr}`),
  }
}
