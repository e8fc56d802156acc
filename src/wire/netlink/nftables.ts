import { u32be } from './layout.ts'
import { attr, cstring, nested, viewOf } from './message.ts'
import { netfilterFamilies, netfilterHeader, subsystems } from './netfilter.ts'

const named = nested({ table: attr(1, cstring), name: attr(2, cstring) })
const chain = nested({ table: attr(1, cstring), name: attr(3, cstring) })
const table = nested({ table: attr(1, cstring) })
const generation = nested({ id: attr(1, u32be), processId: attr(2, u32be), processName: attr(3, cstring) })

/** By number of message; a rule and an element carry the name of what they are in. @source include/uapi/linux/netfilter/nf_tables.h (`NFT_MSG_*`) */
const messages = {
  0: { object: 'table', removed: false, body: table },
  2: { object: 'table', removed: true, body: table },
  3: { object: 'chain', removed: false, body: chain },
  5: { object: 'chain', removed: true, body: chain },
  6: { object: 'rule', removed: false, body: named },
  8: { object: 'rule', removed: true, body: named },
  9: { object: 'set', removed: false, body: named },
  11: { object: 'set', removed: true, body: named },
  12: { object: 'element', removed: false, body: named },
  14: { object: 'element', removed: true, body: named },
  18: { object: 'object', removed: false, body: named },
  20: { object: 'object', removed: true, body: named },
  22: { object: 'flowtable', removed: false, body: named },
  24: { object: 'flowtable', removed: true, body: named },
} as const
const NFT_MSG_NEWGEN = 15
const familyNames = new Map(Object.entries(netfilterFamilies).map(([name, number]) => [number as number, name]))

/** What nftables tells those who listen. */
export type NftablesNotice =
  | {
      readonly object: (typeof messages)[keyof typeof messages]['object']
      readonly removed: boolean
      /** `"inet"`, `"ip"`, `"bridge"`, … */
      readonly family: string
      readonly table: string
      /** Of the chain, the set or the object; for rules and elements, of what they are in. Empty for a table. */
      readonly name: string
    }
  | {
      /** The end of a transaction: all notices since the last one belong to it. */
      readonly object: 'generation'
      readonly id: number
      /** Who did it, as the kernel saw it. */
      readonly processId: number
      readonly processName: string
    }

/**
 * Reads one notice; undefined for what is none.
 *
 * @param type of the netlink message
 * @throws {RangeError} when the bytes are not what the type says
 */
export function decodeNftablesNotice(type: number, bytes: Uint8Array): NftablesNotice | undefined {
  if (type >> 8 !== subsystems.nftables) return undefined
  if (bytes.length < netfilterHeader.size)
    throw new RangeError(`Cannot decode message: ${bytes.length} bytes is less than its header`)
  const { family } = netfilterHeader.read(viewOf(bytes), 0)
  const body = bytes.subarray(netfilterHeader.size)
  const number = type & 0xff
  if (number === NFT_MSG_NEWGEN) {
    const { id = 0, processId = 0, processName = '' } = generation.decode(body)
    return { object: 'generation', id, processId, processName }
  }
  const known = messages[number as keyof typeof messages]
  if (known === undefined) return undefined
  const { object, removed } = known
  const values: { readonly table?: string; readonly name?: string } = known.body.decode(body)
  return {
    object,
    removed,
    family: familyNames.get(family) ?? `${family}`,
    table: values.table ?? '',
    name: values.name ?? '',
  }
}
