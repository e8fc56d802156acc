import { EngineError } from '../../../base/errors.ts'
import { KernelFeatures } from '../../../kernel/host/features.ts'

/**
 * Nobody who asks for encryption gets a network without; what is planned is in `encryption.md`.
 *
 * @throws {EngineError} `not-implemented`, with what the kernel lacks when it lacks it
 */
export function refuseEncryption(): never {
  new KernelFeatures().require('esp')
  throw new EngineError('not-implemented', 'Cannot encrypt overlay networks: the engine does not do that yet')
}
