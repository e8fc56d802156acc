import { EngineError } from '../../base/errors.ts'
import type { ContainerCreateBody, EndpointSettings } from '../../protocol/container.ts'
import { isBefore } from '../versions.ts'

/** The networks that a body asks for, and what the daemon has to say about them. */
export interface EndpointWishes {
  readonly endpoints: Readonly<Record<string, EndpointSettings>>
  readonly warnings: readonly string[]
}

/**
 * The networks of a new container, with what older clients say elsewhere moved to where it belongs.
 *
 * @param version  of the API that the client speaks
 * @throws {EngineError} `invalid-argument` in Docker's words
 * @source Docker Engine API, version history: 1.44 (several networks, MacAddress of an endpoint)
 */
export function endpointWishes(body: ContainerCreateBody, version: string): EndpointWishes {
  const given = Object.entries(body.NetworkingConfig?.EndpointsConfig ?? {})
  const endpoints = Object.fromEntries(given.map(([name, settings]) => [name, settings ?? {}]))
  if (isBefore(version, '1.44') && given.length > 1) {
    const names = given.map(([name]) => name).join(', ')
    throw new EngineError('invalid-argument', `Container cannot be connected to network endpoints: ${names}`)
  }
  const mac = body.MacAddress ?? ''
  if (mac === '') return { endpoints, warnings: [] }
  const main = mainNetwork(body, Object.keys(endpoints))
  const own = endpoints[main]?.MacAddress ?? ''
  if (own !== '' && own !== mac) {
    throw new EngineError(
      'invalid-argument',
      `the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty`,
    )
  }
  const deprecated =
    'The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.'
  return {
    endpoints: { ...endpoints, [main]: { ...endpoints[main], MacAddress: mac } },
    warnings: isBefore(version, '1.44') ? [] : [deprecated],
  }
}

/** The name under which the network of the network mode is, or would be, among the endpoints. */
function mainNetwork({ HostConfig }: ContainerCreateBody, names: readonly string[]): string {
  const mode = HostConfig?.NetworkMode || 'default'
  const aliases = mode === 'default' || mode === 'bridge' ? ['default', 'bridge'] : [mode]
  return names.find((name) => aliases.includes(name)) ?? mode
}
