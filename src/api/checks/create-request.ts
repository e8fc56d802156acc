import { EngineError } from '../../base/errors.ts'
import type { CreateRequest } from '../../container/containers.ts'
import type { ContainerConfig, ContainerCreateBody, HealthConfig, HostConfig } from '../../protocol/container.ts'
import { isBefore } from '../versions.ts'
import { checkContainerName } from './container-name.ts'
import { endpointWishes } from './endpoints.ts'
import { meantLimits } from './limits.ts'
import { mountsOfVersion } from './mount-versions.ts'
import { checkNetworkMode, networkWarnings } from './network-mode.ts'
import { checkPorts } from './ports.ts'
import { checkSettings } from './settings.ts'

/** What a request for a container becomes. */
export interface CheckedCreate {
  readonly request: CreateRequest
  readonly warnings: readonly string[]
}

/**
 * Turns the body of `POST /containers/create` into a request of the engine.
 *
 * @param name     of the query; `""` lets the engine choose
 * @param version  of the API that the client speaks
 * @throws {EngineError} `invalid-argument` in Docker's words
 */
export function createRequest(body: ContainerCreateBody | undefined, name: string, version: string): CheckedCreate {
  if (body === undefined || Object.keys(body).length === 0) {
    throw new EngineError('invalid-argument', 'config cannot be empty in order to create a container')
  }
  const { HostConfig, NetworkingConfig: _, ...config } = body
  const hostConfig = HostConfig ?? {}
  checkNetworkMode(config, hostConfig)
  checkPorts(config, hostConfig)
  checkSettings(config, hostConfig)
  const { endpoints, sysctls, warnings } = endpointWishes(body, version)
  const mounts = hostConfig.Mounts ? { Mounts: mountsOfVersion(hostConfig.Mounts, version) } : {}
  return {
    request: {
      ...(name === '' ? {} : { name: checkContainerName(name) }),
      config: { ...config, ...healthOfVersion(config.Healthcheck, version) },
      hostConfig: {
        ...meantLimits(hostConfig, version),
        ...ipcOfVersion(hostConfig, version),
        ...mounts,
        ...(sysctls && { Sysctls: sysctls }),
        ...annotationsOfVersion(hostConfig, version),
      },
      endpoints,
    },
    warnings: [...warnings, ...networkWarnings(hostConfig)],
  }
}

/** Annotations came with API 1.43: clients before mean nothing by them. */
function annotationsOfVersion({ Annotations }: HostConfig, version: string): Pick<HostConfig, 'Annotations'> {
  return Annotations && isBefore(version, '1.43') ? { Annotations: null } : {}
}

/** Before API 1.40 memory could be shared unless somebody said otherwise. */
function ipcOfVersion({ IpcMode }: HostConfig, version: string): Pick<HostConfig, 'IpcMode'> {
  return !IpcMode && isBefore(version, '1.40') ? { IpcMode: 'shareable' } : {}
}

/** The start interval came with API 1.44: clients before mean nothing by it. */
function healthOfVersion(
  health: HealthConfig | null | undefined,
  version: string,
): Pick<ContainerConfig, 'Healthcheck'> {
  return health && isBefore(version, '1.44') ? { Healthcheck: { ...health, StartInterval: 0 } } : {}
}
