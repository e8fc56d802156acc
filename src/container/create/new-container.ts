import { never } from '../../base/clock.ts'
import { EngineError } from '../../base/errors.ts'
import type { ImageRecord } from '../../image/images.ts'
import type { EndpointSettings, HostConfig } from '../../protocol/container.ts'
import { defaultShmBytes } from '../bundle/mounts.ts'
import type { CreateRequest } from '../containers.ts'
import type { ContainerRecord, ContainerState } from '../model.ts'
import { mergeConfig } from './merge-config.ts'
import { joinedContainer } from './network-wish.ts'

/** The state of a container that was never started. */
export const createdState: ContainerState = {
  status: 'created',
  pid: 0,
  conmonPid: 0,
  exitCode: 0,
  error: '',
  oomKilled: false,
  startedAt: never,
  finishedAt: never,
  restartCount: 0,
  stoppedByUser: false,
}

/** What the engine gives a container whose user said nothing. */
export interface Chosen {
  readonly id: string
  readonly name: string
  readonly created: string
  readonly cgroupns: string
  /** Of the engine's settings. */
  readonly logConfig: LogSettings
}

/** Where output goes unless the container says. */
export interface LogSettings {
  readonly Type: string
  readonly Config: Readonly<Record<string, string>>
}

/**
 * The record of a new container: the request with its image's defaults, every network by its name.
 *
 * @param chosen       what the engine gives it
 * @param networkName  answers a network's name for its name or id
 * @throws {EngineError} `invalid-argument` when there is nothing to run, or settings exclude each other
 */
export function planContainer(
  request: CreateRequest,
  image: ImageRecord,
  chosen: Chosen,
  networkName: (nameOrId: string) => string,
): ContainerRecord {
  const config = mergeConfig(request.config, image.config)
  if ((config.Cmd ?? []).length + (config.Entrypoint ?? []).length === 0) {
    throw new EngineError('invalid-argument', 'no command specified')
  }
  const policy = request.hostConfig.RestartPolicy?.Name ?? ''
  if (request.hostConfig.AutoRemove && policy !== '' && policy !== 'no') {
    throw new EngineError('invalid-argument', "can't create 'AutoRemove' container with restart policy")
  }
  const mode = networkMode(request.hostConfig.NetworkMode)
  return {
    version: 1,
    id: chosen.id,
    name: chosen.name,
    created: chosen.created,
    imageReference: request.config.Image ?? image.id,
    imageId: image.id,
    config,
    hostConfig: { ...request.hostConfig, ...leftOpen(request.hostConfig, chosen), NetworkMode: mode },
    networks: config.NetworkDisabled ? {} : networksOf(mode, request.endpoints, networkName),
    state: createdState,
  }
}

/** What Docker says of a container whose user said nothing: inspect tells what is in force. */
function leftOpen(
  { IpcMode, ShmSize, LogConfig, CgroupnsMode }: HostConfig,
  { cgroupns, logConfig }: Chosen,
): Partial<HostConfig> {
  const driver = LogConfig?.Type || logConfig.Type
  const usual = driver === logConfig.Type ? logConfig.Config : {}
  return {
    IpcMode: IpcMode || 'private',
    ShmSize: ShmSize || defaultShmBytes,
    LogConfig: { Type: driver, Config: { ...usual, ...LogConfig?.Config } },
    CgroupnsMode: CgroupnsMode || cgroupns,
  }
}

/** Where a container's output goes. */
export function logSettingsOf({ LogConfig }: HostConfig): LogSettings {
  return { Type: LogConfig?.Type || 'json-file', Config: LogConfig?.Config ?? {} }
}

/** `default` is what clients send when the user named no network. */
function networkMode(mode: string | undefined): string {
  return mode === undefined || mode === '' || mode === 'default' ? 'bridge' : mode
}

/** All networks of a container, the one of its network mode first. */
function networksOf(
  mode: string,
  endpoints: CreateRequest['endpoints'],
  networkName: (nameOrId: string) => string,
): Readonly<Record<string, EndpointSettings>> {
  if (joinedContainer(mode) !== undefined) return {}
  const named = Object.entries(endpoints).map(
    ([key, settings]) => [networkName(key === 'default' ? 'bridge' : key), settings] as const,
  )
  return { [networkName(mode)]: {}, ...Object.fromEntries(named) }
}
