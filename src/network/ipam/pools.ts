import { type Family, type Prefix, prefixOf, requirePrefix } from './prefix.ts'
import type { Taken } from './taken-blocks.ts'

/** A block that is cut into subnets of `size` bits. */
export interface Pool {
  readonly base: Prefix
  readonly size: number
}

/**
 * Where subnets come from when nobody says: Docker's blocks first, so that what people know stays true, then small
 * ones from a range that is seldom in use, so that they do not run out at thirty-one.
 */
export const defaultPools: readonly Pool[] = [
  ...Array.from({ length: 15 }, (_, i) => pool(`172.${17 + i}.0.0/16`, 16)),
  pool('192.168.0.0/16', 20),
  pool('10.192.0.0/10', 24),
]

/** @throws {EngineError} `invalid-argument` for a base that is no prefix */
export function pool(base: string, size: number): Pool {
  return { base: requirePrefix(base, 'address pool'), size }
}

/**
 * The first subnet of the pools that touches nothing of `taken`.
 *
 * The work grows with the number of lists, not with what is in them.
 *
 * @param size  bits; each pool's own unless told (`--subnet 0.0.0.0/24` asks for one of that size)
 * @returns undefined when the pools are used up
 */
export function chooseSubnet(
  pools: readonly Pool[],
  taken: readonly Taken[],
  { family, size }: { readonly family: Family; readonly size?: number },
): Prefix | undefined {
  for (const { base, size: ownSize } of pools) {
    const length = size ?? ownSize
    if (base.family !== family || length < base.length) continue
    const first = firstFree(base, length, taken)
    if (first !== undefined) return prefixOf({ family, value: first }, length)
  }
  return undefined
}

/** Where one list is in the way, the next free place by that one is tried, until all agree. */
function firstFree(base: Prefix, length: number, taken: readonly Taken[]): bigint | undefined {
  let from = base.first
  for (let agreed = 0; agreed < taken.length; ) {
    for (const blocks of taken) {
      const first = blocks.firstFree({ base, length, from })
      if (first === undefined) return undefined
      agreed = first === from ? agreed + 1 : 1
      from = first
      if (agreed === taken.length) break
    }
  }
  return from
}

/**
 * True for the block of a route that a new subnet must not hide. A default route is hidden by nobody, nor is one that
 * a VPN writes as two halves of everything.
 */
export function isKeptClearOf({ length }: Prefix): boolean {
  return length >= 8
}

/** Where IPv6 subnets come from: the unique local /48 of this engine, made from what stays the same about it. */
export function localIpv6Pool(seed: Uint8Array): Pool {
  const groups = [0, 2].map((i) => ((seed[i + 1]! << 8) | seed[i + 2]!).toString(16))
  return pool(`fd${seed[0]!.toString(16).padStart(2, '0')}:${groups.join(':')}::/48`, 64)
}
