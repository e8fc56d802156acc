import { parseSecurityOptions } from '../../container/bundle/security-options.ts'
import { hostnameOf } from '../../container/create/hostname.ts'
import type { HealthState } from '../../container/health/next-health.ts'
import { showsLogPath } from '../../container/logging/plan-logging.ts'
import type { ContainerPaths, ContainerRecord, ContainerState } from '../../container/model.ts'
import type { SandboxView } from '../../network/networking.ts'
import type { ContainerConfig } from '../../protocol/container.ts'
import type {
  ContainerInspect,
  ContainerStateView,
  HealthView,
  NetworkSettingsView,
} from '../../protocol/container-inspect.ts'
import { commandOf } from './command-text.ts'
import { endpointViews } from './container-endpoints.ts'
import { portMap } from './container-ports.ts'
import { hasOwnNetwork } from './container-summary.ts'
import { hostConfigView } from './host-config.ts'
import { mountPoints } from './mounts.ts'

/** What `docker inspect` needs to know besides the record. */
export interface InspectContext {
  readonly version: string
  readonly paths: ContainerPaths
  readonly sandbox: SandboxView | undefined
  /** Of those that have not ended. */
  readonly execIds?: readonly string[]
  networkId(name: string): string | undefined
  /** Name of the container of that id; undefined when it is gone. */
  nameOf?(id: string): string | undefined
}

/** A container, whole. */
export function containerInspect(record: ContainerRecord, context: InspectContext): ContainerInspect {
  const { paths } = context
  const { path, args } = commandOf(record.config)
  return {
    Id: record.id,
    Created: record.created,
    Path: path,
    Args: args,
    State: stateView(record.state),
    Image: record.imageId,
    ResolvConfPath: `${paths.dir}/resolv.conf`,
    HostnamePath: `${paths.dir}/hostname`,
    HostsPath: `${paths.dir}/hosts`,
    LogPath: showsLogPath(record.hostConfig) ? paths.log : '',
    Name: `/${record.name}`,
    RestartCount: record.state.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: parseSecurityOptions(record.hostConfig.SecurityOpt ?? []).appArmor,
    ExecIDs: context.execIds && context.execIds.length > 0 ? context.execIds : null,
    HostConfig: { ...hostConfigView(record.hostConfig), Links: linkViews(record, context) },
    GraphDriver: graphDriver(record.id, paths),
    Mounts: mountPoints(record),
    Config: configView(record),
    NetworkSettings: networkSettings(record, context),
  }
}

/** Where tools find what a container has changed; the layers of its image are left out. */
function graphDriver(id: string, { dir, rootfs }: ContainerPaths): ContainerInspect['GraphDriver'] {
  return {
    Name: 'overlay2',
    Data: { ID: id, MergedDir: rootfs, UpperDir: `${dir}/upper`, WorkDir: `${dir}/work` },
  }
}

/** Links of the default network are kept by ids, and shown by names: `"/db:/web/alias"`. */
function linkViews({ name, hostConfig }: ContainerRecord, { nameOf }: InspectContext): readonly string[] | null {
  const links = (hostConfig.Links ?? []).flatMap((link) => {
    if (hostConfig.NetworkMode !== 'bridge') return [link]
    const [id = '', alias = ''] = link.split(':')
    const target = nameOf?.(id)
    return target === undefined ? [] : [`/${target}:/${name}/${alias}`]
  })
  return links.length === 0 ? null : links
}

function stateView(state: ContainerState): ContainerStateView {
  const { status } = state
  return {
    Status: status,
    // Docker's history: what is paused, and what waits for its next start, counts as running too.
    Running: status === 'running' || status === 'paused' || status === 'restarting',
    Paused: status === 'paused',
    Restarting: status === 'restarting',
    OOMKilled: state.oomKilled,
    Dead: status === 'dead',
    Pid: state.pid,
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: state.startedAt,
    FinishedAt: state.finishedAt,
    ...(state.health ? { Health: healthView(state.health) } : {}),
  }
}

function healthView({ status, failingStreak, log }: HealthState): HealthView {
  const lines = log.map(({ start, end, exitCode, output }) => ({
    Start: start,
    End: end,
    ExitCode: exitCode,
    Output: output,
  }))
  return { Status: status, FailingStreak: failingStreak, Log: lines }
}

function configView(record: ContainerRecord): ContainerConfig {
  const { config, imageReference, hostConfig, networks } = record
  const { ExposedPorts, MacAddress: _, ...rest } = config
  const mac = networks[hostConfig.NetworkMode ?? '']?.MacAddress // where clients before API 1.44 look for it
  return {
    Domainname: '',
    User: '',
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Env: [],
    Cmd: null,
    Volumes: null,
    WorkingDir: '',
    Entrypoint: null,
    OnBuild: null,
    ...rest,
    ...(ExposedPorts && Object.keys(ExposedPorts).length > 0 ? { ExposedPorts } : {}),
    Hostname: hostnameOf(record),
    Image: imageReference,
    Labels: config.Labels ?? {},
    ...(mac ? { MacAddress: mac } : {}),
  }
}

function networkSettings(record: ContainerRecord, context: InspectContext): NetworkSettingsView {
  const { sandbox, version, networkId } = context
  const own = hasOwnNetwork(record.hostConfig.NetworkMode)
  const networks = endpointViews(record, { endpoints: sandbox?.endpoints ?? [], networkId }, version)
  const bridge = networks['bridge'] ?? {}
  const exposed = own ? Object.keys(record.config.ExposedPorts ?? {}) : []
  return {
    Bridge: '',
    SandboxID: sandbox?.sandbox.id ?? '',
    SandboxKey: sandbox?.sandbox.path ?? '',
    Ports: sandbox ? portMap(exposed, sandbox.sandbox.ports) : {},
    Networks: networks,
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: bridge.EndpointID ?? '',
    Gateway: bridge.Gateway ?? '',
    GlobalIPv6Address: bridge.GlobalIPv6Address ?? '',
    GlobalIPv6PrefixLen: bridge.GlobalIPv6PrefixLen ?? 0,
    IPAddress: bridge.IPAddress ?? '',
    IPPrefixLen: bridge.IPPrefixLen ?? 0,
    IPv6Gateway: bridge.IPv6Gateway ?? '',
    MacAddress: bridge.MacAddress ?? '',
  }
}
