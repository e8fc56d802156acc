import { isIP } from 'node:net'
import { logDrivers } from '../../container/logging/plan-logging.ts'
import type { ContainerRecord } from '../../container/model.ts'
import { portOf } from '../../engine/advertise.ts'
import type { EngineConfig } from '../../engine/config.ts'
import type { SystemFacts } from '../../engine/engine.ts'
import { isBefore } from '../versions.ts'

/** What `/info` tells of. */
export interface InfoSource {
  readonly facts: SystemFacts
  readonly config: EngineConfig
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
  const { facts, config, containers, images, now, version } = source
  const count = (...statuses: string[]) => containers.filter(({ state }) => statuses.includes(state.status)).length
  const running = count('running', 'restarting')
  const paused = count('paused')
  return {
    ID: facts.id,
    Containers: containers.length,
    ContainersRunning: running,
    ContainersPaused: paused,
    ContainersStopped: containers.length - running - paused,
    Images: images,
    ...drivers(facts),
    LoggingDriver: config.logDriver,
    ...abilities(facts),
    Debug: config.debug,
    LiveRestoreEnabled: config.liveRestore,
    NFd: 0,
    NGoroutines: 0,
    NEventsListener: 0,
    SystemTime: now,
    ...host(facts),
    RegistryConfig: registries(config),
    DockerRootDir: config.dataRoot,
    HttpProxy: '',
    HttpsProxy: '',
    NoProxy: '',
    Labels: config.labels,
    ServerVersion: facts.engineVersion,
    ...runtimes(config, facts),
    DefaultAddressPools: addressPools(config),
    ...(isBefore(version, '1.49') ? {} : { FirewallBackend: { Driver: 'nftables' } }),
    ...(isBefore(version, '1.50') ? { BridgeNfIptables: true, BridgeNfIp6tables: true } : {}),
    ...cluster(source),
    Warnings: facts.warnings,
  }
}

/** As Docker showed them until version 23: absent without a store, and the address, whatever it was named by. */
function cluster({ config: { clusterStore, clusterAdvertise }, advertised }: InfoSource): object {
  if (advertised === undefined) return {}
  const port = portOf(clusterAdvertise)
  const host = isIP(advertised) === 6 ? `[${advertised}]` : advertised
  return { ClusterStore: clusterStore, ClusterAdvertise: port === undefined ? advertised : `${host}:${port}` }
}

function drivers({ cgroupVersion }: SystemFacts): object {
  return {
    Driver: 'overlay2',
    DriverStatus: [['Backing Filesystem', 'overlayfs']],
    Plugins: {
      Volume: ['local'],
      Network: ['bridge', 'cni', 'host', 'ipvlan', 'macvlan', 'null', 'overlay'],
      Authorization: null,
      Log: logDrivers,
    },
    CgroupDriver: 'cgroupfs',
    CgroupVersion: cgroupVersion,
  }
}

function abilities({ cgroupVersion }: SystemFacts): object {
  return {
    MemoryLimit: true,
    SwapLimit: true,
    ...(cgroupVersion === '1' ? { KernelMemoryTCP: false } : {}),
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CPUShares: true,
    CPUSet: true,
    PidsLimit: true,
    IPv4Forwarding: true,
    OomKillDisable: cgroupVersion === '1',
    ExperimentalBuild: false,
    Isolation: '',
    SecurityOptions: ['name=seccomp,profile=builtin', ...(cgroupVersion === '2' ? ['name=cgroupns'] : [])],
  }
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
  return {
    AllowNondistributableArtifactsCIDRs: null,
    AllowNondistributableArtifactsHostnames: null,
    InsecureRegistryCIDRs: [...blocks, '::1/128', '127.0.0.0/8'],
    IndexConfigs: Object.fromEntries(
      named.map((Name) => [Name, { Name, Mirrors: [], Secure: false, Official: false }]),
    ),
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
