import { EngineError } from '../../base/errors.ts'
import type { ContainerCreateBody, EndpointSettings } from '../../protocol/container.ts'
import { isBefore } from '../versions.ts'

/** Networks by the names that the client gave them, with what is wanted of each. */
export type Endpoints = Readonly<Record<string, EndpointSettings>>

/** True for networks that containers have interfaces on. */
export function isBridgeOrUserDefined(mode: string): boolean {
  return mode !== 'host' && mode !== 'none' && !mode.startsWith('container:')
}

/**
 * The name under which the network of the network mode is, or would be, among the endpoints.
 *
 * @throws {EngineError} `invalid-argument` when there are endpoints and it is none of them
 */
export function mainEndpoint({ HostConfig }: ContainerCreateBody, endpoints: Endpoints, version: string): string {
  const names = Object.keys(endpoints)
  const mode = HostConfig?.NetworkMode || 'default'
  const [first] = names
  if (first === undefined) return mode
  if (isBefore(version, '1.44')) return first // there is but one, whatever it is called
  const aliases = mode === 'default' || mode === 'bridge' ? ['default', 'bridge'] : [mode]
  const found = names.find((name) => aliases.includes(name))
  if (found !== undefined) return found
  throw new EngineError(
    'invalid-argument',
    'HostConfig.NetworkMode must match the identity of a network in NetworkSettings.Networks',
  )
}
