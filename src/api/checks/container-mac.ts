import { EngineError } from '../../base/errors.ts'
import type { ContainerCreateBody } from '../../protocol/container.ts'
import { isBefore } from '../versions.ts'
import { type Endpoints, isBridgeOrUserDefined, mainEndpoint } from './main-endpoint.ts'

/** Networks with the address where it belongs. */
export interface MovedMac {
  readonly endpoints: Endpoints
  readonly warnings: readonly string[]
}

/**
 * Gives the hardware address that an older client wants for the container to its main network.
 *
 * @throws {EngineError} `invalid-argument` in Docker's words
 * @source Docker Engine API, version history: 1.44
 */
export function moveMac(body: ContainerCreateBody, endpoints: Endpoints, version: string): MovedMac {
  const mac = body.MacAddress ?? ''
  if (mac === '') return { endpoints, warnings: [] }
  const deprecated =
    'The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.'
  const warnings = isBefore(version, '1.44') ? [] : [deprecated]
  if (!isBridgeOrUserDefined(body.HostConfig?.NetworkMode ?? '')) {
    if (warnings.length > 0) return { endpoints, warnings }
    throw new EngineError('invalid-argument', 'conflicting options: mac-address and the network mode')
  }
  const main = mainOf(body, endpoints, version)
  const own = endpoints[main]?.MacAddress ?? ''
  if (own !== '' && own !== mac) {
    throw new EngineError(
      'invalid-argument',
      'the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty',
    )
  }
  return { endpoints: { ...endpoints, [main]: { ...endpoints[main], MacAddress: mac } }, warnings }
}

function mainOf(...[body, endpoints, version]: Parameters<typeof mainEndpoint>): string {
  try {
    return mainEndpoint(body, endpoints, version)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    const what = 'unable to migrate container-wide MAC address to a specific network'
    throw new EngineError(error.kind, `${what}: ${error.message}`, { cause: error })
  }
}
