import { isIP } from 'node:net'
import { logDrivers } from '../../container/logging/plan-logging.ts'
import type { ContainerRecord } from '../../container/model.ts'
import { portOf } from '../../engine/advertise.ts'
import type { EngineConfig } from '../../engine/config.ts'
import type { SystemFacts } from '../../engine/engine.ts'
import type { HostState } from '../../engine/host-state.ts'
import { isBefore } from '../versions.ts'

/** What `/info` tells of. */
export interface InfoSource {
  readonly facts: SystemFacts
  readonly state: HostState
  readonly config: EngineConfig
  /** Names of those that come with the engine. */
  readonly networkDrivers: readonly string[]
  readonly containers: readonly ContainerRecord[]
  readonly images: number
  readonly now: string
  /** Address that other hosts find this one by; undefined: it shares no networks. */
  readonly advertised?: string | undefined
  /** Of the API that the client speaks. */
  readonly version: string
}

/** The answer of `/info`. @source Docker Engine API v1.51, SystemInfo */
export function infoView(source: InfoSource): Readonly<Record<string, unknown>> {
  const { facts, state, config, networkDrivers, containers, images, now, version } = source
  const count = (status: string) => containers.filter(({ state }) => state.status === status).length
  const running = count('running')
  const paused = count('paused')
  return {
    ID: facts.id,
    Containers: containers.length,
    ContainersRunning: running,
    ContainersPaused: paused,
    ContainersStopped: containers.length - running - paused,
    Images: images,
    ...drivers(facts, networkDrivers),
    LoggingDriver: config.logDriver,
    ...abilities(facts, state),
    Debug: config.debug,
    LiveRestoreEnabled: config.liveRestore,
    NFd: config.debug ? state.openFiles : 0,
    NGoroutines: 0, // there are none here
    NEventsListener: state.eventListeners,
    SystemTime: now,
    ...host(facts),
    RegistryConfig: registries(config),
    DockerRootDir: config.dataRoot,
    ...proxies(),
    Labels: config.labels,
    ServerVersion: facts.engineVersion,
    ...runtimes(config, facts),
    DefaultAddressPools: addressPools(config),
    ...(isBefore(version, '1.49') ? {} : { FirewallBackend: { Driver: 'nftables' } }),
    ...(isBefore(version, '1.50') ? { BridgeNfIptables: true, BridgeNfIp6tables: true } : {}),
    ...cluster(source),
    ProductLicense: '',
    CDISpecDirs: [],
    ...(isBefore(version, '1.50') ? {} : { DiscoveredDevices: [] }),
    Warnings: [...facts.warnings, ...warnings(facts, state, config)],
  }
}

/** As Docker showed them until version 23: absent without a store, and the address, whatever it was named by. */
function cluster({ config: { clusterStore, clusterAdvertise }, advertised }: InfoSource): object {
  if (advertised === undefined) return {}
  const port = portOf(clusterAdvertise)
  const host = isIP(advertised) === 6 ? `[${advertised}]` : advertised
  return { ClusterStore: clusterStore, ClusterAdvertise: port === undefined ? advertised : `${host}:${port}` }
}

function drivers({ cgroupVersion, fileSystem }: SystemFacts, networkDrivers: readonly string[]): object {
  return {
    Driver: 'overlay2',
    DriverStatus: [
      ['Backing Filesystem', fileSystem],
      ['Supports d_type', 'true'],
      ['Using metacopy', 'false'],
      ['Native Overlay Diff', 'true'],
      ['userxattr', 'false'],
    ],
    Plugins: {
      Volume: ['local'],
      Network: networkDrivers,
      Authorization: null,
      Log: logDrivers,
    },
    CgroupDriver: 'cgroupfs',
    CgroupVersion: cgroupVersion,
  }
}

function abilities({ cgroupVersion, abilities: can }: SystemFacts, { forwarding }: HostState): object {
  return {
    MemoryLimit: can.memory,
    SwapLimit: can.swap,
    ...(cgroupVersion === '1' ? { KernelMemoryTCP: false } : {}),
    CpuCfsPeriod: can.cpuQuota,
    CpuCfsQuota: can.cpuQuota,
    CPUShares: can.cpuShares,
    CPUSet: can.cpuset,
    PidsLimit: can.pids,
    IPv4Forwarding: forwarding,
    OomKillDisable: can.oomKillDisable,
    ExperimentalBuild: false,
    Isolation: '',
    SecurityOptions: ['name=seccomp,profile=builtin', ...(cgroupVersion === '2' ? ['name=cgroupns'] : [])],
  }
}

/** What is missing, or dangerous. @source Docker's words */
function warnings({ abilities: can }: SystemFacts, { forwarding }: HostState, config: EngineConfig): string[] {
  const { memory, swap, cpuQuota, cpuShares, cpuset, pids } = can
  const missing: readonly (readonly [boolean, string])[] = [
    [memory, 'No memory limit support'],
    [swap, 'No swap limit support'],
    [cpuQuota, 'No cpu cfs quota support'],
    [cpuShares, 'No cpu shares support'],
    [cpuset, 'No cpuset support'],
    [pids, 'No pids limit support'],
    [forwarding, 'IPv4 forwarding is disabled'],
  ]
  const open = config.tls === false && config.tlsVerify === undefined ? config.hosts : []
  return [
    ...missing.flatMap(([there, words]) => (there ? [] : [`WARNING: ${words}`])),
    ...open.flatMap((host) => {
      if (!host.startsWith('tcp://')) return []
      return `WARNING: API is accessible on ${host.replace('tcp', 'http')} without encryption: whoever reaches it is root on the host`
    }),
  ]
}

/** What the engine's own environment says; passwords are not told. */
function proxies(): object {
  const { env } = process
  const of = (name: string) => (env[name.toUpperCase()] ?? env[name] ?? '').replace(/\/\/[^/@]*@/, '//xxxxx:xxxxx@')
  return { HttpProxy: of('http_proxy'), HttpsProxy: of('https_proxy'), NoProxy: of('no_proxy') }
}

function host(facts: SystemFacts): object {
  return {
    KernelVersion: facts.kernelVersion,
    OperatingSystem: facts.operatingSystem,
    OSVersion: facts.osVersion,
    OSType: 'linux',
    Architecture: facts.architecture,
    IndexServerAddress: 'https://index.docker.io/v1/',
    NCPU: facts.cpus,
    MemTotal: facts.memoryBytes,
    GenericResources: null,
    Name: facts.hostname,
  }
}

function registries({ registryMirrors, insecureRegistries }: EngineConfig): object {
  const blocks = insecureRegistries.filter((one) => /^[0-9a-fA-F.:]+\/\d+$/.test(one))
  const named = insecureRegistries.filter((one) => !blocks.includes(one))
  const mirrors = registryMirrors.length > 0 ? registryMirrors.map((url) => url.replace(/\/?$/, '/')) : null
  const hub = { Name: 'docker.io', Mirrors: mirrors ?? [], Secure: true, Official: true }
  return {
    AllowNondistributableArtifactsCIDRs: null,
    AllowNondistributableArtifactsHostnames: null,
    InsecureRegistryCIDRs: [...blocks, '::1/128', '127.0.0.0/8'],
    IndexConfigs: {
      ...Object.fromEntries(named.map((Name) => [Name, { Name, Mirrors: [], Secure: false, Official: false }])),
      'docker.io': hub,
    },
    Mirrors: mirrors,
  }
}

function runtimes({ runtime }: EngineConfig, { components }: SystemFacts): object {
  const name = runtime.split('/').at(-1)!
  const commit = (component: string) => ({ ID: components.find((part) => part.name === component)?.version ?? '' })
  return {
    Runtimes: { [name]: { path: runtime } },
    DefaultRuntime: name,
    Swarm: {
      NodeID: '',
      NodeAddr: '',
      LocalNodeState: 'inactive',
      ControlAvailable: false,
      Error: '',
      RemoteManagers: null,
    },
    InitBinary: 'catatonit',
    ContainerdCommit: commit('conmon'),
    RuncCommit: commit(name),
    InitCommit: { ID: '' },
  }
}

/** The pools that networks without a subnet are taken from. */
const builtInPools = [
  ...[17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31].map((second) => ({
    Base: `172.${second}.0.0/16`,
    Size: 16,
  })),
  { Base: '192.168.0.0/16', Size: 20 },
  { Base: '10.192.0.0/10', Size: 24 },
]

function addressPools({ defaultAddressPools }: EngineConfig): readonly { Base: string; Size: number }[] {
  if (defaultAddressPools.length === 0) return builtInPools
  return defaultAddressPools.map(({ base, size }) => ({ Base: base, Size: size }))
}
