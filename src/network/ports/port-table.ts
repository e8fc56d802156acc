import type { PublishedPort } from '../model.ts'
import { anyAddress } from './any-address.ts'

type Socket = Pick<PublishedPort, 'protocol' | 'hostAddress' | 'hostPort'>

/** Which host ports containers have: two cannot have one, and "any address" clashes with every address of its family. */
export class PortTable {
  /** By protocol and family; by number; the addresses. */
  readonly #taken = new Map<string, Map<number, readonly string[]>>()

  /** @returns false, with nothing claimed, when another container has it */
  claim(socket: Socket): boolean {
    const { hostAddress, hostPort } = socket
    const ports = this.#portsOf(socket)
    const addresses = ports.get(hostPort)
    if (addresses === undefined) ports.set(hostPort, [hostAddress])
    else if (clashes(addresses, hostAddress)) return false
    else ports.set(hostPort, [...addresses, hostAddress])
    return true
  }

  /** Absent is success. */
  release(socket: Socket): void {
    const { hostAddress, hostPort } = socket
    const ports = this.#portsOf(socket)
    const left = ports.get(hostPort)?.filter((address) => address !== hostAddress) ?? []
    if (left.length === 0) ports.delete(hostPort)
    else ports.set(hostPort, left)
  }

  #portsOf({ protocol, hostAddress }: Socket): Map<number, readonly string[]> {
    const key = `${protocol}/${anyOf(hostAddress)}`
    const ports = this.#taken.get(key) ?? new Map<number, readonly string[]>()
    this.#taken.set(key, ports)
    return ports
  }
}

function clashes(addresses: readonly string[], address: string): boolean {
  const any = anyOf(address)
  return address === any || addresses.includes(any) || addresses.includes(address)
}

function anyOf(address: string): string {
  return address.includes(':') ? anyAddress.ipv6 : anyAddress.ipv4
}
