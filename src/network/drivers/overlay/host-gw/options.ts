import { EngineError } from '../../../../base/errors.ts'
import type { NetworkSpec } from '../../../driver.ts'
import type { BlockRequest } from '../../../endpoints/block-request.ts'

/** Option of the size of each host's block, in bits: `24`. */
export const blockLengthOption = 'host-prefix-length'

const bridgeMtu = 'com.docker.network.driver.mtu'

/** What `-o host-prefix-length` says; undefined: what suits the subnet. @throws {EngineError} `invalid-argument` */
export function parseBlockLength(options: NetworkSpec['options']): number | undefined {
  const text = options[blockLengthOption]
  if (text === undefined || text === '') return undefined
  if (/^\d{1,2}$/.test(text)) return Number(text)
  const why = `"${text}" is no number of bits: 24, for a block of 256 addresses for each host`
  throw new EngineError('invalid-argument', `Cannot read option ${blockLengthOption}: ${why}`)
}

/** Refuses what such networks cannot have. @throws {EngineError} `invalid-argument` */
export function checkRequest({ options, enableIPv6, ipamConfigs }: BlockRequest): void {
  const refuse = (why: string): never => {
    throw new EngineError('invalid-argument', `Cannot create network with backend "host-gw": ${why}`)
  }
  if (enableIPv6) refuse('its routes are of IPv4: leave out --ipv6')
  if (ipamConfigs.length > 1) refuse('it is cut into a block for each host, and has one subnet')
  const has = (field: 'ipRange' | 'gateway' | 'auxAddresses') =>
    ipamConfigs.some((config) => config[field] !== undefined && Object.keys(config[field]).length > 0)
  if (has('ipRange')) refuse('each host takes its addresses from a block of its own: leave out --ip-range')
  if (has('gateway')) refuse('each host has the first address of its block as gateway: leave out --gateway')
  if (has('auxAddresses')) refuse('which host has an address is not known beforehand: leave out --aux-address')
  if ('encrypted' in options) refuse('nothing encrypts plain routes: leave out --opt encrypted')
}

/** What the bridge of such a network is told: the wire's size is its own, nothing is put around packets. */
export function bridgeOptions({ options, underlayMtu }: NetworkSpec): NetworkSpec['options'] {
  const mtu = options[bridgeMtu] || (underlayMtu === undefined ? undefined : String(underlayMtu))
  return mtu === undefined ? options : { ...options, [bridgeMtu]: mtu }
}
