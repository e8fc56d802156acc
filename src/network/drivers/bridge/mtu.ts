import type { BridgePlan } from './plan.ts'

/** Bytes: Docker's, which every network gets by. What is larger is the administrator's choice. */
const largest = 1500
/** Bytes that every host must take. @source RFC 791, "Total Length"; RFC 8200 §5, below which Linux drops IPv6 */
const smallest = { ipv4: 576, ipv6: 1280 } as const

/**
 * The largest packet, in bytes, of a network that does not say. Pure.
 *
 * @param uplinkMtu of the host's way out
 */
export function followedMtu({ enableIPv6 }: Pick<BridgePlan, 'enableIPv6'>, uplinkMtu: number): number {
  return Math.min(largest, Math.max(uplinkMtu, enableIPv6 ? smallest.ipv6 : smallest.ipv4))
}
