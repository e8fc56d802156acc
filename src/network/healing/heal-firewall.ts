import { isErrno } from '../../base/errors.ts'
import type { NftContext } from '../../kernel/nftables.ts'
import { compareTable, readTable, type TableDifference, type TableState } from '../firewall/compare-table.ts'
import type { Element } from '../firewall/elements.ts'
import { tableName } from '../firewall/ruleset.ts'
import { bareAddress } from '../ipam/prefix.ts'
import type { NetworkRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import { tell } from '../networks/networks.ts'

const tableText = `table inet ${tableName}`

/** Watches over the table: knows what it looked like when it was whole, and writes it again when it is not. */
export class FirewallHealer {
  readonly #parts: NetworkParts
  #skeleton: TableState['skeleton'] = new Map()

  constructor(parts: NetworkParts) {
    this.#parts = parts
  }

  get #nft(): NftContext {
    return this.#parts.nft
  }

  /** Remembers the table as it is now: it has just been written. */
  learn(): void {
    this.#skeleton = this.#read()?.skeleton ?? new Map()
  }

  /**
   * Compares the table with what it is to be, and writes all of it again, in one transaction, when they differ.
   *
   * All of it is one synchronous step: no change of ours is ever half in it.
   *
   * @returns whether they differed
   */
  heal(): boolean {
    const { log } = this.#parts
    const difference = this.#difference()
    const lost = difference === undefined ? [tableText] : lostIn(difference)
    if (lost.length === 0) return false
    log.warn('writes the firewall again: somebody changed it', { lost })
    // Networks are named before anything is done: who fails to be repaired is in the log.
    const networks = networksHit(this.#parts, difference)
    this.#rewrite()
    for (const [network, what] of networks) tell(this.#parts, 'heal', network, undefined, { lost: what.join(', ') })
    return true
  }

  #rewrite(): void {
    const { firewall } = this.#parts
    firewall.rewrite()
    const left = this.#difference()
    if (left === undefined || lostIn(left).length > 0) firewall.rewrite({ fromNothing: true })
  }

  /** Undefined: there is no table. */
  #difference(): TableDifference | undefined {
    const actual = this.#read()
    return actual && compareTable(actual, this.#skeleton, this.#parts.firewall.elements)
  }

  #read(): TableState | undefined {
    try {
      return readTable(this.#nft.list(`list ${tableText}`))
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error
      return undefined
    }
  }
}

function lostIn({ skeleton, missing, extra }: TableDifference): string[] {
  return [
    ...skeleton.map((name) => `${name} of ${tableText}`),
    ...missing.map(textOf),
    ...extra.map((identity) => `absence of ${identity}`),
  ]
}

function textOf({ set, key }: Element): string {
  return `element ${key.replaceAll('"', '')} of ${set}`
}

/** The networks that a difference matters to, each with what it lost: all of them, unless only elements are missing. */
function networksHit(
  { table, drivers }: NetworkParts,
  difference: TableDifference | undefined,
): readonly (readonly [NetworkRecord, readonly string[]])[] {
  const filtered = table.networks().filter((network) => drivers.elements(network).length > 0)
  if (difference === undefined) return filtered.map((network) => [network, [tableText]])
  const { skeleton, missing } = difference
  if (skeleton.length > 0) return filtered.map((network) => [network, lostIn(difference)])
  const networkOfAddress = new Map(
    table
      .endpoints()
      .flatMap(({ ipv4, ipv6, networkId }) =>
        [ipv4, ipv6].flatMap((cidr) => (cidr === undefined ? [] : [[bareAddress(cidr), networkId] as const])),
      ),
  )
  return filtered.flatMap((network) => {
    const own = new Set(drivers.elements(network).map(({ set, key }) => `${set} ${key}`))
    const lost = missing.filter(({ set, key, data }) => {
      return own.has(`${set} ${key}`) || networkOfAddress.get(data?.split(' . ')[0] ?? '') === network.id
    })
    return lost.length === 0 ? [] : [[network, lost.map(textOf)] as const]
  })
}
