import { EngineError } from '../../base/errors.ts'
import type { ContainerCreateBody, EndpointSettings, HostConfig } from '../../protocol/container.ts'
import { isBefore } from '../versions.ts'
import { moveMac } from './container-mac.ts'
import { moveSysctls } from './interface-sysctls.ts'
import type { Endpoints } from './main-endpoint.ts'

/** The networks that a body asks for, and what the daemon has to say about them. */
export interface EndpointWishes {
  readonly endpoints: Endpoints
  /** Of the container, without what belongs to one of its networks. */
  readonly sysctls: HostConfig['Sysctls']
  readonly warnings: readonly string[]
}

/**
 * The networks of a new container, with what older clients say elsewhere moved to where it belongs, and without what
 * they cannot know.
 *
 * @param version  of the API that the client speaks
 * @throws {EngineError} `invalid-argument`, for sysctls `internal`, in Docker's words
 * @source Docker Engine API, version history: 1.44 (several networks, MacAddress), 1.46 and 1.48 (sysctls), 1.48 (GwPriority)
 */
export function endpointWishes(body: ContainerCreateBody, version: string): EndpointWishes {
  const given = Object.entries(body.NetworkingConfig?.EndpointsConfig ?? {})
  if (isBefore(version, '1.44') && given.length > 1) {
    const names = given.map(([name]) => name).join(', ')
    throw new EngineError('invalid-argument', `Container cannot be created with multiple network endpoints: ${names}`)
  }
  const known = given.map(([name, settings]) => {
    if (settings) return [name, ofVersion(settings, version)] as const
    const network = name === 'default' ? 'bridge' : name
    throw new EngineError('invalid-argument', `invalid config for network ${network}: EndpointsConfig is nil`)
  })
  const mac = moveMac(body, Object.fromEntries(known), version)
  const sysctls = moveSysctls(body, mac.endpoints, version)
  return { ...sysctls, warnings: [...mac.warnings, ...sysctls.warnings] }
}

/** Without the fields that the API did not have in that version. */
function ofVersion(settings: EndpointSettings, version: string): EndpointSettings {
  const { MacAddress, GwPriority, ...rest } = settings
  return {
    ...rest,
    ...(MacAddress === undefined || isBefore(version, '1.44') ? {} : { MacAddress }),
    ...(GwPriority === undefined || isBefore(version, '1.48') ? {} : { GwPriority }),
  }
}
