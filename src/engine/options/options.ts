import type { EngineConfig } from '../config.ts'
import { basics } from './basics.ts'
import { cluster } from './cluster.ts'
import { defaultBridge } from './default-bridge.ts'
import { hostResolver } from './host-resolver.ts'
import { metrics } from './metrics.ts'
import { networking } from './networking.ts'
import type { Option } from './option.ts'
import { registries } from './registries.ts'
import { tls } from './tls.ts'

/** Every setting, by its name in `EngineConfig`. */
export type OptionTable = { readonly [K in keyof EngineConfig]: Option<EngineConfig[K]> }

/** Every setting of the engine, in Docker's spelling where Docker has it. */
export const options: OptionTable = {
  ...basics,
  ...defaultBridge,
  ...networking,
  ...hostResolver,
  ...registries,
  ...cluster,
  ...metrics,
  ...tls,
}
