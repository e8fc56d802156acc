import { u32be } from './layout.ts'
import { type Attributes, attr, concat, cstring, message, NLA_F_NESTED, nested, raw } from './message.ts'
import { netfilterHeader, subsystems } from './netfilter.ts'
import { encodeKey, successor } from './nft-key.ts'

export const NFT_MSG_NEWSETELEM = (subsystems.nftables << 8) | 12
export const NFT_MSG_DELSETELEM = (subsystems.nftables << 8) | 14
const NFT_SET_ELEM_INTERVAL_END = 1
/** Type of a comment among an element's user data, which libnftables defines. @source libnftnl/udata.h */
const commentType = 0

const value = nested({ value: attr(1, raw) }) // NFTA_DATA_VALUE
const elementSchema = {
  key: attr(1 | NLA_F_NESTED, value), // NFTA_SET_ELEM_KEY
  data: attr(2 | NLA_F_NESTED, value), // NFTA_SET_ELEM_DATA
  flags: attr(3, u32be), // NFTA_SET_ELEM_FLAGS
  userData: attr(6, raw), // NFTA_SET_ELEM_USERDATA
  keyEnd: attr(10 | NLA_F_NESTED, value), // NFTA_SET_ELEM_KEY_END
}
const element = nested(elementSchema)
const member = nested({ element: attr(1 | NLA_F_NESTED, element) }) // NFTA_LIST_ELEM

/** Members of one set, to add or to remove. @source include/uapi/linux/netfilter/nf_tables.h (`NFTA_SET_ELEM_LIST_*`) */
export const setElementsMessage = message(netfilterHeader, {
  table: attr(1, cstring),
  set: attr(2, cstring),
  members: attr(3 | NLA_F_NESTED, raw),
})

/** How a set is declared: its types as nft writes them, a map's with the data behind the colon. */
export interface SetDeclaration {
  /** `"ipv4_addr . ifname"`, `"inet_proto . inet_service : ipv4_addr . inet_service"` */
  readonly type: string
  readonly interval?: boolean
}

/** A member of a set, in nft's words. */
export interface SetMember {
  readonly key: string
  readonly data?: string | undefined
  readonly comment?: string | undefined
}

/**
 * The bytes of one member in `members`.
 *
 * A range is one element with two keys in a concatenation, and else two elements: where it begins, and where it has
 * ended.
 *
 * @throws {RangeError} for what is not of the set's type
 */
export function encodeSetMember(
  { type, interval = false }: SetDeclaration,
  { key, data, comment }: SetMember,
): Uint8Array {
  const [keyType = '', dataType] = type.split(' : ')
  const { low, high } = encodeKey(keyType, key)
  const rest = {
    ...(data !== undefined && dataType !== undefined && { data: { value: encodeKey(dataType, data).low } }),
    ...(comment !== undefined && { userData: commentData(comment) }),
  }
  if (!interval) return encode({ key: { value: low }, ...rest })
  if (keyType.includes(' . ')) return encode({ key: { value: low }, keyEnd: { value: high }, ...rest })
  const begin = encode({ key: { value: low }, flags: 0, ...rest })
  const after = successor(high)
  if (after === undefined) return begin
  return concat([begin, encode({ key: { value: after }, flags: NFT_SET_ELEM_INTERVAL_END })])
}

function encode(attributes: Attributes<typeof elementSchema>): Uint8Array {
  return member.encode({ element: attributes })
}

function commentData(comment: string): Uint8Array {
  const text = Buffer.from(`${comment}\0`)
  return concat([Uint8Array.of(commentType, text.length), text])
}
