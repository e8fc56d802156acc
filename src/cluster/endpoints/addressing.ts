import type { NetworkDraft, SharedSubnet } from '../model.ts'

/** The addresses of one subnet as this host knows them; etcd has the last word. */
export interface AddressPool {
  /** Takes the next free address, without a length. @returns undefined when all are taken */
  next(): string | undefined
  /** Takes one address. @returns false when it is taken already, or not of this subnet */
  take(address: string): boolean
  /** Gives an address back; a free one is no mistake. */
  release(address: string): void
  /** Whether an address is of this subnet. */
  contains(address: string): boolean
}

/**
 * The arithmetic of addresses, which is not this folder's: `network/` gives its own, so that a shared network
 * chooses, checks and refuses like any other.
 */
export interface Addressing {
  /**
   * Chooses what a request left open and checks the rest. Pure.
   *
   * @param taken subnets of all shared networks: `"10.0.0.0/24"`
   * @param hosts addresses of the hosts: a subnet that is chosen keeps away from them, one that is asked for may not
   * @throws {EngineError} with Docker's words, for an overlap too
   */
  planSubnets(
    request: Pick<NetworkDraft, 'subnets' | 'enableIPv4' | 'enableIPv6'>,
    taken: readonly string[],
    hosts: readonly string[],
  ): readonly SharedSubnet[]
  /**
   * Bits of the blocks that a subnet is cut into, one for each host. Pure.
   *
   * @param asked undefined: what suits the subnet
   * @throws {EngineError} `invalid-argument` when it cannot be cut so
   */
  blockLength(subnet: string, asked: number | undefined): number
  /** The blocks of a subnet, the lowest first. Pure. */
  blocks(subnet: string, length: number): Iterable<string>
  /** The block of an address with its length: `"10.1.2.0/24"` of `"10.1.2.5/24"`. Pure. */
  blockOf(cidr: string): string
  /** The address that is the host's own in its block: the first. Pure. */
  gatewayOf(block: string): string
  /** Begins to count the addresses of a subnet, gateway and auxiliary addresses taken. */
  openPool(subnet: SharedSubnet, ipamOptions: Readonly<Record<string, string>>): AddressPool
}
