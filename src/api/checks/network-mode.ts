import { EngineError } from '../../base/errors.ts'
import type { ContainerConfig, HostConfig } from '../../protocol/container.ts'

const someKeys = (value: object | null | undefined) => Object.keys(value ?? {}).length > 0
const some = (value: readonly unknown[] | null | undefined) => (value?.length ?? 0) > 0

/**
 * Refuses settings that exclude each other because the container shares somebody's network.
 *
 * @throws {EngineError} `invalid-argument` in Docker's words
 */
export function checkNetworkMode(config: ContainerConfig, host: HostConfig): void {
  const mode = host.NetworkMode ?? ''
  if (host.UTSMode === 'host' && config.Hostname) refuse('hostname and the UTS mode')
  if (mode === 'host' && some(host.Links)) {
    refuse("host type networking can't be used with links. This would result in undefined behavior")
  }
  const shared = mode === 'host' ? Object.keys(host.Sysctls ?? {}).find((key) => key.startsWith('net.')) : undefined
  if (shared !== undefined) {
    throw new EngineError('invalid-argument', `sysctl "${shared}" not allowed in host network namespace`)
  }
  if (mode === 'container' || mode === 'container:') {
    throw new EngineError('invalid-argument', 'invalid network mode: invalid container format container:<name|id>')
  }
  if (mode.startsWith('container:')) checkJoined(config, host)
}

function checkJoined(config: ContainerConfig, host: HostConfig): void {
  if (config.Hostname) refuse('hostname and the network mode')
  if (some(host.Links)) {
    refuse("container type network can't be used with links. This would result in undefined behavior")
  }
  if (some(host.Dns)) refuse('dns and the network mode')
  if (some(host.ExtraHosts)) refuse('custom host-to-IP mapping and the network mode')
  if (someKeys(host.PortBindings) || host.PublishAllPorts) {
    refuse('port publishing and the container type network mode')
  }
  if (someKeys(config.ExposedPorts)) refuse('port exposing and the container type network mode')
}

function refuse(what: string): never {
  throw new EngineError('invalid-argument', `conflicting options: ${what}`)
}

/** What the daemon says, and does all the same. */
export function networkWarnings(host: HostConfig): string[] {
  const publishes = someKeys(host.PortBindings) || host.PublishAllPorts
  return host.NetworkMode === 'host' && publishes ? ['Published ports are discarded when using host network mode'] : []
}
