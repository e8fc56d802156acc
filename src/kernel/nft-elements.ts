import { NLM_F_CREATE } from '../wire/netlink/frame.ts'
import { concat } from '../wire/netlink/message.ts'
import { netfilterFamilies } from '../wire/netlink/netfilter.ts'
import {
  encodeSetMember,
  NFT_MSG_DELSETELEM,
  NFT_MSG_NEWSETELEM,
  type SetDeclaration,
  type SetMember,
  setElementsMessage,
} from '../wire/netlink/nft-element.ts'
import type { NetworkNamespace } from './namespace.ts'
import { type BatchedRequest, NETLINK_NETFILTER, NetlinkSocket } from './netlink/netlink-socket.ts'

/** An attribute holds no more than 64 KiB; members beyond that go into the next message of the same transaction. */
const largestList = 60_000

/** Members of one set of the table. */
export interface SetChange extends SetDeclaration {
  readonly set: string
  readonly members: Iterable<SetMember>
}

/**
 * Members of named sets, added and removed by speaking to the kernel directly.
 *
 * libnftables reads what a set holds before it changes an interval of it, so that its time grows with the set. The
 * kernel needs none of that: this costs the same however much is there.
 *
 * @source include/uapi/linux/netfilter/nf_tables.h
 */
export class NftElements implements Disposable {
  readonly #netlink: NetlinkSocket
  readonly #table: string

  /** @param table of the family inet */
  constructor(namespace: NetworkNamespace, table: string) {
    this.#netlink = new NetlinkSocket(namespace, NETLINK_NETFILTER)
    this.#table = table
  }

  /**
   * Removes, then adds, as one transaction: all of it or nothing.
   *
   * @throws {KernelError} `ENOENT` for what is to be removed and is not there, or when the table is gone
   * @throws {RangeError} for what is not of its set's type; nothing is sent then
   */
  change({ add, remove }: { readonly add: readonly SetChange[]; readonly remove: readonly SetChange[] }): void {
    const removals = remove.flatMap((change) => this.#requests(NFT_MSG_DELSETELEM, 0, change))
    const additions = add.flatMap((change) => this.#requests(NFT_MSG_NEWSETELEM, NLM_F_CREATE, change))
    this.#netlink.transaction('change the firewall', [...removals, ...additions])
  }

  #requests(type: number, flags: number, change: SetChange): BatchedRequest[] {
    const header = { family: netfilterFamilies.inet, version: 0, resource: 0 }
    return Array.from(listsOf(change), (members) => {
      return { type, flags, body: setElementsMessage.encode(header, { table: this.#table, set: change.set, members }) }
    })
  }

  [Symbol.dispose](): void {
    this.#netlink[Symbol.dispose]()
  }
}

function* listsOf({ members, ...declaration }: SetChange): Generator<Uint8Array> {
  let list: Uint8Array[] = []
  let bytes = 0
  for (const member of members) {
    const next = encodeSetMember(declaration, member)
    if (bytes + next.length > largestList) {
      yield concat(list)
      list = []
      bytes = 0
    }
    list.push(next)
    bytes += next.length
  }
  if (list.length > 0) yield concat(list)
}
