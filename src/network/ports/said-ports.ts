import type { PortRange, PortReservation } from '../../resolver/protocol.ts'
import { anyAddress } from './any-address.ts'

/** The reservations that were asked for, by port: ranges may be taken apart again. */
export class SaidPorts {
  /** By owner, protocol and address; by number. A range is there once for each of its ports. */
  readonly #groups = new Map<string, Map<number, PortReservation>>()

  get isEmpty(): boolean {
    return this.#groups.size === 0
  }

  /** @param ports their addresses are single ones */
  add(ports: readonly PortReservation[]): void {
    for (const port of ports) {
      const key = groupOf(port)
      const group = this.#groups.get(key) ?? new Map<number, PortReservation>()
      this.#groups.set(key, group)
      for (let i = 0; i < port.count; i++) group.set(port.hostPort + i, port)
    }
  }

  /** @returns whether there was any of them */
  remove(ranges: readonly PortRange[]): boolean {
    let found = false
    for (const range of ranges) {
      const group = this.#groups.get(groupOf(range))
      for (let i = 0; i < range.count; i++) found = (group?.delete(range.hostPort + i) ?? false) || found
      if (group?.size === 0) this.#groups.delete(groupOf(range))
    }
    return found
  }

  clear(): void {
    this.#groups.clear()
  }

  /** What is left of each reservation, in as few ranges as can be. */
  list(): PortReservation[] {
    return Array.from(this.#groups.values()).flatMap(leftOf)
  }
}

function leftOf(group: ReadonlyMap<number, PortReservation>): PortReservation[] {
  const left: PortReservation[] = []
  let source: PortReservation | undefined
  for (const number of Int32Array.from(group.keys()).sort()) {
    const whole = group.get(number)!
    const last = left.at(-1)
    if (last !== undefined && whole === source && number === last.hostPort + last.count) {
      left[left.length - 1] = { ...last, count: last.count + 1 }
    } else left.push(part(whole, number, 1))
    source = whole
  }
  return left
}

/** Some ports of a reservation; those inside follow. */
function part(whole: PortReservation, hostPort: number, count: number): PortReservation {
  const { proxyTo } = whole
  if (proxyTo === undefined) return { ...whole, hostPort, count }
  return { ...whole, hostPort, count, proxyTo: { ...proxyTo, port: proxyTo.port + hostPort - whole.hostPort } }
}

/**
 * Divides reservations into lists of at most `size` ports, so that whoever holds them has time for others in between.
 * Ranges that are the same for both families, and are not carried for IPv4, are asked for as one. Pure.
 */
export function inBlocks(ports: readonly PortReservation[], size: number): PortReservation[][] {
  const blocks: PortReservation[][] = []
  let room = 0
  for (const range of forBothFamilies(ports)) {
    for (let done = 0; done < range.count; ) {
      if (room === 0) {
        blocks.push([])
        room = size
      }
      const count = Math.min(room, range.count - done)
      blocks.at(-1)!.push(part(range, range.hostPort + done, count))
      done += count
      room -= count
    }
  }
  return blocks
}

/** A range has one socket for both families where it can: half the descriptors. */
function forBothFamilies(ports: readonly PortReservation[]): PortReservation[] {
  const key = ({ owner, protocol, hostPort, count }: PortRange) => `${owner} ${protocol} ${hostPort} ${count}`
  const ipv4 = ports.filter(({ hostAddress, proxyTo, count }) => {
    return hostAddress === anyAddress.ipv4 && proxyTo === undefined && count > 1
  })
  const twins = new Set(ports.filter(({ hostAddress }) => hostAddress === anyAddress.ipv6).map(key))
  const merged = new Set(ipv4.map(key).filter((one) => twins.has(one)))
  return ports
    .filter(({ hostAddress, ...port }) => hostAddress !== anyAddress.ipv4 || !merged.has(key({ ...port, hostAddress })))
    .map((port) =>
      port.hostAddress === anyAddress.ipv6 && merged.has(key(port)) ? { ...port, hostAddress: '*' } : port,
    )
}

function groupOf({ owner, protocol, hostAddress }: PortRange): string {
  return `${owner} ${protocol} ${hostAddress}`
}
