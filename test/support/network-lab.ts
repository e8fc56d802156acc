import { EventEmitter, once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Log, silentLog } from '../../src/base/log.ts'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { bringUpLoopback } from '../../src/kernel/named-namespace.ts'
import type { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { findLink, listLinks } from '../../src/kernel/netlink/links.ts'
import { NetlinkSocket } from '../../src/kernel/netlink/netlink-socket.ts'
import { Poller } from '../../src/kernel/poller.ts'
import type { NetworkConfig } from '../../src/network/config.ts'
import type {
  AttachmentWish,
  NetworkEvent,
  NetworkRequest,
  PortWish,
  SandboxWish,
} from '../../src/network/networking.ts'
import { type OpenNetworking, openNetworking } from '../../src/network/open-networking.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import type { Store } from '../../src/store/store.ts'

/** What a lab's engine is told, where it differs from the usual. */
export interface LabOptions {
  readonly config?: Partial<NetworkConfig>
  readonly log?: Log
  /** The host's resolv.conf. */
  readonly resolvConf?: string
  /** Puts itself between the engine and its store. */
  readonly wrapStore?: (store: Store) => Store
  /** Joins the cluster that the engine is a part of; what has to be closed goes to `owned`. */
  readonly openCluster?: (owned: AsyncDisposableStack) => Promise<Cluster>
}

/** A network heart on a host of its own, with a real resolver. */
export interface NetworkLab extends AsyncDisposable {
  readonly networking: OpenNetworking
  readonly host: NetworkNamespace
  readonly dir: string
  readonly events: NetworkEvent[]
  /** Waits for an event, unless it has come already. */
  heard(wanted: (event: NetworkEvent) => boolean): Promise<NetworkEvent>
  /** What a container of that name wishes; its directory is made. */
  wish(name: string, networks: readonly (string | Partial<AttachmentWish>)[], ports?: readonly PortWish[]): SandboxWish
  /** Lets the network heart go, as a dead engine would, and opens another on the same store. */
  restart(running?: readonly string[]): Promise<void>
  /** Names of all links of the host but `lo`, once nothing is being deleted any more. */
  links(): Promise<string[]>
  /** Waits until the kernel has removed these links, which it does in its own time. */
  withoutLinks(names: readonly string[]): Promise<void>
}

const usual: NetworkConfig = {
  userlandProxy: false,
  publishedPortsObeyInput: false,
  allowDirectRouting: false,
  bridgeAcceptFwmark: '',
  bridge: '',
  bip: '',
  bip6: '',
  fixedCidr: '',
  fixedCidrV6: '',
  defaultGateway: '',
  defaultGatewayV6: '',
  icc: true,
  hostAddress: '0.0.0.0',
  ipMasq: true,
  pluginDir: '/nonexistent/plugins',
  pluginTimeout: 2,
  cniPath: '/usr/lib/cni',
  ipv6: false,
  ipForward: true,
  ipForwardNoDrop: false,
  iptables: true,
  ip6tables: true,
  defaultNetworkOptions: {},
  hostGatewayIps: [],
  hostResolver: '',
  hostResolverExposed: false,
  mtu: 0,
  dns: [],
  dnsSearch: [],
  dnsOptions: [],
  defaultAddressPools: [],
}

/** Opens a lab on `host`, whose loopback interface is brought up. All of it is gone when it is disposed of. */
export async function openNetworkLab(host: NetworkNamespace, options: LabOptions = {}): Promise<NetworkLab> {
  await using undo = new AsyncDisposableStack()
  const netlink = undo.use(new NetlinkSocket(host))
  bringUpLoopback(netlink)
  const dir = mkdtempSync(join(tmpdir(), 'wharf-network-'))
  undo.defer(() => rmSync(dir, { recursive: true }))
  const events: NetworkEvent[] = []
  const listeners = new EventEmitter()
  const files = writeHostFiles(dir, options.resolvConf ?? '')
  const poller = undo.use(new Poller())
  const cluster = await options.openCluster?.(undo)
  const open = async () => {
    const store = openSqliteStore(join(dir, 'db'))
    const networking = openNetworking({
      store: options.wrapStore?.(store) ?? store,
      execRoot: dir,
      config: () => ({ ...usual, ...options.config }),
      log: options.log ?? silentLog,
      resolverCommand: [process.execPath, join(import.meta.dirname, '../../src/main.ts'), 'resolver'],
      hostNamespace: host,
      poller,
      engineId: 'lab',
      onEvent(event) {
        events.push(event)
        listeners.emit('event', event)
      },
      files,
      cluster,
    })
    return { store, networking }
  }
  let current = await open()
  const close = async () => {
    await current.networking.close()
    current.store[Symbol.dispose]()
  }
  undo.defer(close)
  undo.defer(async () => {
    await current.networking.recover(new Set())
    await current.networking.settled() // addresses are given back behind everybody's back
    // What is in namespaces of its own does not end with the host's.
    for (const { id } of current.networking.list().filter(({ scope }) => scope === 'global'))
      await current.networking.remove(id)
    await current.networking.exitResolver()
  })
  await current.networking.recover(new Set())
  const owned = undo.move()
  return {
    get networking() {
      return current.networking
    },
    host,
    dir,
    events,
    async heard(wanted) {
      for (;;) {
        const event = events.find(wanted)
        if (event !== undefined) return event
        await once(listeners, 'event')
      }
    },
    wish: (name, networks, ports = []) => wishOf(dir, name, networks, ports),
    async restart(running = []) {
      await close()
      current = await open()
      await current.networking.recover(new Set(running))
    },
    links: async () => {
      await current.networking.settled()
      return listLinks(netlink)
        .map(({ name }) => name)
        .filter((name) => name !== 'lo')
    },
    async withoutLinks(names) {
      for (let left = 1000; names.some((name) => findLink(netlink, name) !== undefined); left--) {
        if (left === 0) throw new Error(`links stay: ${names.join(' ')}`)
        await delay(10)
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function writeHostFiles(dir: string, resolvConf: string) {
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }
  return {
    hosts: file('host-hosts', '127.0.0.1 localhost\n192.0.2.7 printer\n'),
    hostname: file('host-hostname', 'lab\n'),
    resolvConf: file('host-resolv.conf', resolvConf),
    resolvConfBehindStub: join(dir, 'nothing-here'),
  }
}

/** The id of the container that the lab calls `name`. */
export function containerId(name: string): string {
  return Buffer.from(name).toString('hex').padEnd(64, '0')
}

function wishOf(
  dir: string,
  name: string,
  networks: readonly (string | Partial<AttachmentWish>)[],
  ports: readonly PortWish[],
): SandboxWish {
  const filesDir = join(dir, `container-${name}`)
  mkdirSync(filesDir, { recursive: true })
  return {
    containerId: containerId(name),
    containerName: name,
    hostname: `host-${name}`,
    domainname: '',
    mode: {
      kind: 'own',
      attachments: networks.map((one) => attachment(typeof one === 'string' ? { network: one } : one)),
    },
    ports,
    dns: { servers: [], search: [], options: [] },
    extraHosts: [],
    sysctls: {},
    filesDir,
  }
}

/** What a container wants of one network, with what is not said left empty. */
export function attachment(wish: Partial<AttachmentWish>): AttachmentWish {
  return { network: 'bridge', aliases: [], links: [], driverOptions: {}, gatewayPriority: 0, ...wish }
}

/** A request for a bridge network, with what is not said as Docker's clients would. */
export function networkRequest(name: string, request: Partial<NetworkRequest> = {}): NetworkRequest {
  return {
    name,
    driver: 'bridge',
    enableIPv4: true,
    enableIPv6: false,
    internal: false,
    attachable: false,
    ipamDriver: 'default',
    ipamOptions: {},
    ipamConfigs: [],
    options: {},
    labels: {},
    ...request,
  }
}

/** A published port: `-p hostPort:containerPort/protocol`. */
export function port(hostPort: number, containerPort: number, wish: Partial<PortWish> = {}): PortWish {
  return { protocol: 'tcp', containerPort, hostAddress: '', hostPorts: { from: hostPort, to: hostPort }, ...wish }
}
