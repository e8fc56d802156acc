import { EngineError } from '../../base/errors.ts'
import type { NetworkConfig } from '../config.ts'
import { defaultDriver } from '../drivers/own-drivers.ts'
import type { NetworkRequest, NetworkWish } from '../networking.ts'
import { parseBool } from './booleans.ts'

const familyLabels = { ipv4: 'com.docker.network.enable_ipv4', ipv6: 'com.docker.network.enable_ipv6' } as const

/**
 * A request in which nothing is left open: the settings' options of the driver count where it has none, and options
 * say which families there are where it does not. A network that is made from a template takes nothing of this.
 *
 * @throws {EngineError} `invalid-argument`, with Docker's words
 */
export function withDefaults(
  wish: NetworkWish,
  { defaultNetworkOptions }: Pick<NetworkConfig, 'defaultNetworkOptions'>,
): NetworkRequest {
  const { driver = defaultDriver } = wish
  const usual = wish.configFrom === undefined ? defaultNetworkOptions[driver] : {}
  const options: Record<string, string> = { ...usual, ...wish.options }
  // What was said in words of its own counts, and an option that says otherwise would only mislead.
  if (wish.enableIPv4 !== undefined) delete options[familyLabels.ipv4]
  if (wish.enableIPv6 !== undefined) delete options[familyLabels.ipv6]
  return {
    ...wish,
    driver,
    options,
    enableIPv4: wish.enableIPv4 ?? optionOf(options, familyLabels.ipv4) ?? true,
    enableIPv6: wish.enableIPv6 ?? optionOf(options, familyLabels.ipv6) ?? false,
  }
}

function optionOf(options: Readonly<Record<string, string>>, label: string): boolean | undefined {
  const text = options[label]
  if (text === undefined) return undefined
  const value = parseBool(text)
  if (value !== undefined) return value
  throw new EngineError('invalid-argument', `driver-opt ${JSON.stringify(label)} is not a valid bool`)
}
