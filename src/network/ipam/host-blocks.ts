import { EngineError } from '../../base/errors.ts'
import type { Addressing } from '../../cluster/endpoints/addressing.ts'
import { formatAddress, formatPrefix, type Prefix, prefixOf, requirePrefix } from './prefix.ts'

/** Bits: a block of them has 254 addresses for containers and their gateway. */
const usualLength = 24
/** A subnet that is smaller is cut into so many at most, 2 to the power of this. */
const usualBits = 4
/** Bits: room for a gateway and a container. */
const longest = 30

/** How a subnet is cut into blocks, one for each host. */
export const blockArithmetic: Pick<Addressing, 'blockLength' | 'blocks' | 'blockOf' | 'gatewayOf'> = {
  blockLength(subnet, asked) {
    const { length } = requirePrefix(subnet, 'subnet')
    const chosen = asked ?? Math.min(Math.max(usualLength, length + usualBits), longest - 1)
    if (chosen > length && chosen <= longest) return chosen
    const why = `a block of /${chosen} for each host is not possible: it must be between /${length + 1} and /${longest}`
    throw new EngineError('invalid-argument', `Cannot cut subnet ${subnet} into blocks: ${why}`)
  },
  *blocks(subnet, length) {
    const { family, first, last } = requirePrefix(subnet, 'subnet')
    const size = 1n << BigInt(32 - length)
    for (let value = first; value <= last; value += size) yield formatPrefix(prefixOf({ family, value }, length))
  },
  blockOf: (cidr) => formatPrefix(requirePrefix(cidr, 'address')),
  gatewayOf: (block) => firstAddress(requirePrefix(block, 'block')),
}

function firstAddress({ family, first }: Prefix): string {
  return formatAddress({ family, value: first + 1n })
}
