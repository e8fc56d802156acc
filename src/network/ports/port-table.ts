import type { PublishedPort } from '../model.ts'

type Socket = Pick<PublishedPort, 'protocol' | 'hostAddress' | 'hostPort'>

/** Which host ports containers have: two cannot have one, and "any address" clashes with every address of its family. */
export class PortTable {
  readonly #addresses = new Map<string, Set<string>>()

  /** @returns false, with nothing claimed, when another container has it */
  claim(socket: Socket): boolean {
    if (!this.isFree(socket)) return false
    const key = keyOf(socket)
    const addresses = this.#addresses.get(key) ?? new Set()
    this.#addresses.set(key, addresses.add(socket.hostAddress))
    return true
  }

  isFree(socket: Socket): boolean {
    const addresses = this.#addresses.get(keyOf(socket))
    if (addresses === undefined) return true
    return !addresses.has(socket.hostAddress) && !addresses.has(any(socket)) && socket.hostAddress !== any(socket)
  }

  /** Absent is success. */
  release(socket: Socket): void {
    const key = keyOf(socket)
    const addresses = this.#addresses.get(key)
    addresses?.delete(socket.hostAddress)
    if (addresses?.size === 0) this.#addresses.delete(key)
  }
}

function any({ hostAddress }: Socket): string {
  return hostAddress.includes(':') ? '::' : '0.0.0.0'
}

function keyOf(socket: Socket): string {
  return `${socket.protocol}/${any(socket)}/${socket.hostPort}`
}
