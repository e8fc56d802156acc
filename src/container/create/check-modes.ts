import { EngineError } from '../../base/errors.ts'
import type { ContainerRecord } from '../model.ts'
import { joinedContainer } from './network-wish.ts'

type Modes = Pick<ContainerRecord, 'hostConfig' | 'networks'>

/**
 * Refuses networks of a new container that exclude each other. The first is the one of its network mode.
 *
 * @throws {EngineError} `invalid-argument` with Docker's words
 */
export function checkAllModes(record: Modes): void {
  for (const network of Object.keys(record.networks).slice(1)) checkModes(record, network)
}

/**
 * Refuses a network that a container cannot be on beside those that it has, or because of its network mode.
 *
 * @throws {EngineError} `invalid-argument` with Docker's words for `host`, `none` and `container:` mode
 */
export function checkModes({ hostConfig, networks }: Modes, network: string): void {
  const mode = hostConfig.NetworkMode ?? ''
  if (joinedContainer(mode) !== undefined || (mode === 'host' && network !== 'host')) {
    throw new EngineError(
      'invalid-argument',
      'container sharing network namespace with another container or host cannot be connected to any other network',
    )
  }
  if (network === 'host') {
    throw new EngineError(
      'invalid-argument',
      'cannot connect container to host network - container must be created in host network mode',
    )
  }
  const others = Object.keys(networks).filter((name) => name !== network)
  if ((network === 'none' && others.length > 0) || others.includes('none')) {
    throw new EngineError(
      'invalid-argument',
      'container cannot be connected to multiple networks with one of the networks in private (none) mode',
    )
  }
}
