import { EngineError } from '../../../base/errors.ts'
import type { NetworkSpec } from '../../driver.ts'
import { type CniConfig, parseConfig } from './config.ts'

/** The options of a CNI network. */
export const cniOptions = { file: 'conf', config: 'config' } as const

/** A CNI network, ready to be used. */
export interface CniPlan {
  readonly networkId: string
  readonly networkName: string
  readonly config: CniConfig
}

/** @throws {EngineError} `invalid-argument` for what the plugins cannot promise, and without a configuration */
export function planCni({ id, name, internal, options }: NetworkSpec): CniPlan {
  if (internal) {
    const why =
      'its plugins decide where it leads: leave "internal" out, and take the default route out of the configuration'
    throw new EngineError('invalid-argument', `Cannot make CNI network "${name}" internal: ${why}`)
  }
  const text = options[cniOptions.config]
  if (text === undefined) {
    throw new EngineError('invalid-argument', `Cannot create network "${name}": driver "cni" needs -o conf=FILE`)
  }
  const { cniVersions, ...config } = parseConfig(text, name)
  return { networkId: id, networkName: name, config: { ...config, cniVersion: cniVersions[0]! } }
}
