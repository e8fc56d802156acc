import { EngineError } from '../../base/errors.ts'
import type { NetworkRecord } from '../model.ts'
import type { SharedNetworks } from './shared-networks.ts'

/** @throws {EngineError} `forbidden`: what to start the engine with */
export function requireShared(
  shared: SharedNetworks | undefined,
  { name, driver }: Pick<NetworkRecord, 'name' | 'driver'>,
): SharedNetworks {
  if (shared !== undefined) return shared
  throw new EngineError(
    'forbidden',
    `Cannot use network "${name}": driver "${driver}" needs a cluster, and this engine is in none; ` +
      'start it with --cluster-store etcd://HOST:2379 and --cluster-advertise ADDRESS',
  )
}
