import { type Family, type Prefix, parsePrefix, requirePrefix } from './prefix.ts'

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
 * One walk along both, sorted: the work grows with what is taken, not with its square.
 *
 * @param size  bits; each pool's own unless told (`--subnet 0.0.0.0/24` asks for one of that size)
 * @returns undefined when the pools are used up
 */
export function chooseSubnet(
  pools: readonly Pool[],
  taken: readonly Prefix[],
  { family, size }: { readonly family: Family; readonly size?: number },
): Prefix | undefined {
  const sorted = taken.filter((block) => block.family === family).sort((a, b) => (a.first < b.first ? -1 : 1))
  for (const { base, size: ownSize } of pools) {
    const length = size ?? ownSize
    if (base.family !== family || length < base.length) continue
    const found = firstGap(base, length, sorted)
    if (found !== undefined) return found
  }
  return undefined
}

function firstGap(base: Prefix, length: number, sorted: readonly Prefix[]): Prefix | undefined {
  const step = 1n << BigInt((base.family === 'ipv4' ? 32 : 128) - length)
  let first = base.first
  for (const block of sorted) {
    if (block.last < first) continue
    if (block.first > first + step - 1n) break // sorted: nothing later can touch it either
    first = ((block.last + step) / step) * step // the next multiple of `step` after its end
    if (first > base.last) return undefined
  }
  return { family: base.family, first, last: first + step - 1n, length }
}

/**
 * The prefixes of routes that a new subnet must not hide. A default route hides nothing, nor does one that a VPN
 * writes as two halves of everything.
 */
export function occupiedByRoutes(destinations: Iterable<string>): Prefix[] {
  return [...destinations]
    .map((to) => parsePrefix(to))
    .filter((prefix): prefix is Prefix => prefix !== undefined && prefix.length >= 8)
}

/** Where IPv6 subnets come from: the unique local /48 of this engine, made from what stays the same about it. */
export function localIpv6Pool(seed: Uint8Array): Pool {
  const groups = [0, 2].map((i) => ((seed[i + 1]! << 8) | seed[i + 2]!).toString(16))
  return pool(`fd${seed[0]!.toString(16).padStart(2, '0')}:${groups.join(':')}::/48`, 64)
}
