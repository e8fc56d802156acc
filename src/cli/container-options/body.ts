import type { ContainerConfig, ContainerCreateBody, HostConfig } from '../../protocol/container.ts'
import type { Flags } from '../flags/flags.ts'
import { splitPair } from '../flags/flags.ts'
import { splitHost } from './checks.ts'
import { type OwnEnvironment, parseEnvironment, parseLabels } from './environment.ts'
import {
  checkModes,
  parseDevice,
  parseGpus,
  parseHealth,
  parseRestartPolicy,
  parseSecurityOptions,
} from './host-options.ts'
import { planLimits } from './limits.ts'
import { parseMount } from './mount-option.ts'
import { parseTmpfs, parseVolumes, type VolumeOptions } from './mounts.ts'
import { parseNetworks } from './networks.ts'
import { type PortOptions, parsePorts } from './ports.ts'
import { parseUlimit } from './ulimits.ts'

/** What surrounds the flags. */
export interface BodyContext {
  readonly own: OwnEnvironment
  /** Rows and columns of the user's terminal. */
  readonly size: readonly [number, number] | undefined
}

/**
 * Writes the body of `POST /containers/create` that the flags and arguments of `run` and `create` ask for.
 *
 * @param words  the image, the command and its arguments
 * @throws {Error} with Docker's words for what cannot be together, and for values that cannot be read
 */
export function planBody(flags: Flags, words: readonly string[], context: BodyContext): ContainerCreateBody {
  const ports = parsePorts(flags.list('publish'), flags.list('expose'))
  const volumes = parseVolumes(flags.list('volume'))
  const networks = parseNetworks(flags)
  return {
    ...planConfig(flags, words, { ports, volumes, own: context.own }),
    HostConfig: {
      ...planHost(flags, { ports, volumes }),
      ...planResources(flags),
      NetworkMode: networks.mode,
      ...(flags.on('tty') && context.size !== undefined ? { ConsoleSize: context.size } : {}),
    },
    NetworkingConfig: { EndpointsConfig: networks.endpoints },
  }
}

function planConfig(
  flags: Flags,
  [image = '', ...command]: readonly string[],
  { ports, volumes, own }: { ports: PortOptions; volumes: VolumeOptions; own: OwnEnvironment },
): ContainerConfig {
  const attach = attachedStreams(flags)
  const health = parseHealth(flags)
  const stopTimeout = flags.number('stop-timeout')
  return {
    Hostname: flags.text('hostname'),
    Domainname: flags.text('domainname'),
    User: flags.text('user'),
    AttachStdin: attach.has('stdin'),
    AttachStdout: attach.has('stdout'),
    AttachStderr: attach.has('stderr'),
    ExposedPorts: ports.exposed,
    Tty: flags.on('tty'),
    OpenStdin: flags.on('interactive'),
    StdinOnce: flags.on('interactive') && attach.has('stdin'),
    Env: parseEnvironment(flags.list('env-file'), flags.list('env'), own),
    Cmd: command.length > 0 ? command : null,
    ...(flags.given('entrypoint') ? { Entrypoint: [flags.text('entrypoint')] } : {}),
    Image: image,
    Volumes: Object.fromEntries(volumes.anonymous.map((path) => [path, {}])),
    WorkingDir: flags.text('workdir'),
    Labels: parseLabels(flags.list('label-file'), flags.list('label')),
    ...(flags.given('stop-signal') ? { StopSignal: flags.text('stop-signal') } : {}),
    ...(stopTimeout === undefined ? {} : { StopTimeout: stopTimeout }),
    ...(health === undefined ? {} : { Healthcheck: health }),
  }
}

/** Which of stdin, stdout and stderr are connected: those of `-a`; without, all that there are, or none with `-d`. */
export function attachedStreams(flags: Flags): ReadonlySet<string> {
  if (flags.has('detach') && flags.on('detach')) return new Set()
  const named = flags.list('attach').map((name) => name.toLowerCase())
  if (named.length > 0) return new Set(named)
  return new Set(['stdout', 'stderr', ...(flags.on('interactive') ? ['stdin'] : [])])
}

function planHost(flags: Flags, { ports, volumes }: { ports: PortOptions; volumes: VolumeOptions }): HostConfig {
  const restart = parseRestartPolicy(flags.text('restart'))
  if (flags.on('rm') && restart.Name !== 'no' && restart.Name !== '') {
    throw new Error('conflicting options: cannot specify both --restart and --rm')
  }
  const security = parseSecurityOptions(flags.list('security-opt'))
  checkModes(flags)
  const userDefined = flags.list('network').length > 0
  return {
    Binds: volumes.binds,
    Mounts: flags.list('mount').map(parseMount),
    VolumeDriver: flags.text('volume-driver'),
    VolumesFrom: flags.list('volumes-from'),
    PortBindings: ports.bindings,
    PublishAllPorts: flags.on('publish-all'),
    RestartPolicy: restart,
    AutoRemove: flags.on('rm'),
    CapAdd: flags.list('cap-add'),
    CapDrop: flags.list('cap-drop'),
    Dns: flags.list('dns'),
    DnsOptions: flags.list('dns-option'),
    DnsSearch: flags.list('dns-search'),
    ExtraHosts: flags.list('add-host').map((value) => splitHost(value).join(':')),
    GroupAdd: flags.list('group-add'),
    IpcMode: flags.text('ipc'),
    PidMode: flags.text('pid'),
    UTSMode: flags.text('uts'),
    CgroupnsMode: flags.text('cgroupns'),
    UsernsMode: flags.text('userns'),
    Isolation: flags.text('isolation'),
    ...(flags.list('storage-opt').length > 0
      ? { StorageOpt: Object.fromEntries(flags.list('storage-opt').map(splitPair)) }
      : {}),
    Links: userDefined ? [] : flags.list('link'),
    Privileged: flags.on('privileged'),
    ReadonlyRootfs: flags.on('read-only'),
    SecurityOpt: security.options,
    Tmpfs: parseTmpfs(flags.list('tmpfs')),
    Sysctls: Object.fromEntries(flags.list('sysctl').map(splitPair)),
    ...(flags.given('runtime') ? { Runtime: flags.text('runtime') } : {}),
    ...(flags.given('init') ? { Init: flags.on('init') } : {}),
    Devices: flags.list('device').map(parseDevice),
    DeviceCgroupRules: flags.list('device-cgroup-rule'),
    ...(flags.given('gpus') ? { DeviceRequests: [parseGpus(flags.text('gpus'))] } : {}),
    LogConfig: { Type: flags.text('log-driver'), Config: Object.fromEntries(flags.list('log-opt').map(splitPair)) },
    ...(security.unmasked ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
  }
}

function planResources(flags: Flags): HostConfig {
  return {
    ...planLimits(flags),
    CgroupParent: flags.text('cgroup-parent'),
    ShmSize: flags.number('shm-size') ?? 0,
    OomScoreAdj: flags.number('oom-score-adj') ?? 0,
    Ulimits: flags.list('ulimit').map(parseUlimit),
  }
}
