import { EngineError } from '../../../base/errors.ts'
import type { NetworkSpec } from '../../driver.ts'
import { type Family, formatPrefix, overlaps, requirePrefix } from '../../ipam/prefix.ts'
import { bridgeLabels } from './options.ts'

const multicast = requirePrefix('ff00::/8', 'prefix')
const linkLocal = requirePrefix('fe80::/64', 'prefix')
/** Bytes that IPv6 needs. @source RFC 8200 §5 */
const smallestIPv6 = 1280

/**
 * Refuses subnets that no bridge can have.
 *
 * @param mtu bytes, where the network says it
 * @returns the family of each
 * @throws {EngineError} `forbidden` or `invalid-argument` with Docker's words
 */
export function checkSubnets(subnets: NetworkSpec['subnets'], mtu: number | undefined): readonly Family[] {
  const families = subnets.map(({ prefix, gateway }) => {
    const block = requirePrefix(prefix, 'subnet')
    const text = gateway === undefined ? prefix : `${gateway}/${block.length}`
    if (overlaps(block, multicast)) refuse(`multicast subnet '${text}' is not allowed`)
    if (overlaps(block, linkLocal) && formatPrefix(block) !== 'fe80::/64') {
      refuse(`'${text}' clashes with the Link-Local prefix 'fe80::/64'`)
    }
    return block.family
  })
  if (new Set(families).size < families.length) {
    throw new EngineError('forbidden', "bridge driver doesn't support multiple subnets")
  }
  if (mtu !== undefined && mtu < smallestIPv6 && families.includes('ipv6')) {
    refuse(`failed to parse ${bridgeLabels.mtu} value: ${mtu} (IPv6 needs ${smallestIPv6} or more)`)
  }
  return families
}

function refuse(message: string): never {
  throw new EngineError('invalid-argument', message)
}
