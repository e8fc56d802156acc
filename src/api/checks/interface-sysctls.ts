import { EngineError } from '../../base/errors.ts'
import { endpointLabels } from '../../network/endpoints/endpoint-options.ts'
import type { ContainerCreateBody, HostConfig } from '../../protocol/container.ts'
import { isBefore } from '../versions.ts'
import { type Endpoints, isBridgeOrUserDefined, mainEndpoint } from './main-endpoint.ts'

/** Networks with their sysctls, and the container without them. */
export interface MovedSysctls {
  readonly endpoints: Endpoints
  readonly sysctls: HostConfig['Sysctls']
  readonly warnings: readonly string[]
}

/**
 * Gives the sysctls that name `eth0` to the main network: when they are written, no interface has its name yet.
 *
 * @throws {EngineError} `internal`, in Docker's words, for other interfaces, and from API 1.48 on
 * @source Docker Engine API, version history: 1.46, 1.48
 */
export function moveSysctls(body: ContainerCreateBody, endpoints: Endpoints, version: string): MovedSysctls {
  const sysctls = body.HostConfig?.Sysctls ?? {}
  const moved = Object.keys(sysctls).filter((key) => /^net\.[^.]*\.[^.]*\.eth[^.]*\../.test(key))
  const mode = body.HostConfig?.NetworkMode ?? ''
  if (moved.length === 0 || (mode !== 'none' && !isBridgeOrUserDefined(mode))) {
    return { endpoints, sysctls: body.HostConfig?.Sysctls, warnings: [] }
  }
  const main = mainOf(body, endpoints, { version, key: moved[0]! })
  const renamed = moved.map((key) => {
    const [net, family, group, name, ...rest] = key.split('.')
    if (name !== 'eth0') throw unknownEndpoint(key)
    return `${[net, family, group, 'IFNAME', ...rest].join('.')}=${sysctls[key]}`
  })
  const label = endpointLabels.sysctls
  const own = endpoints[main]?.DriverOpts
  const options = { ...own, [label]: [...renamed, ...(own?.[label] ? [own[label]] : [])].join(',') }
  const target = `DriverOpts{${JSON.stringify(label)}:${JSON.stringify(renamed.join(','))}}`
  return {
    endpoints: { ...endpoints, [main]: { ...endpoints[main], DriverOpts: options } },
    sysctls: Object.fromEntries(Object.entries(sysctls).filter(([key]) => !moved.includes(key))),
    warnings: [`Migrated sysctl ${JSON.stringify(moved.join(','))} to ${target}.`],
  }
}

function mainOf(
  body: ContainerCreateBody,
  endpoints: Endpoints,
  { version, key }: { readonly version: string; readonly key: string },
): string {
  if (!isBefore(version, '1.48')) {
    const instead = `must be supplied using driver option '${endpointLabels.sysctls}'`
    throw new EngineError('internal', `interface specific sysctl setting ${JSON.stringify(key)} ${instead}`)
  }
  try {
    return mainEndpoint(body, endpoints, version)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    throw new EngineError('internal', `unable to find a network for sysctl ${key}: ${error.message}`, { cause: error })
  }
}

function unknownEndpoint(key: string): EngineError {
  const advice = `use driver option '${endpointLabels.sysctls}' to set per-interface sysctls`
  return new EngineError('internal', `unable to determine network endpoint for sysctl ${key}, ${advice}`)
}
