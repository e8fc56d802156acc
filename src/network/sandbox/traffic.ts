import { openNamedNamespace } from '../../kernel/named-namespace.ts'
import { type LinkCounters, readLinkCounters } from '../../kernel/netlink/link-counters.ts'
import { listLinks } from '../../kernel/netlink/links.ts'
import { NetlinkSocket } from '../../kernel/netlink/netlink-socket.ts'
import type { EndpointRecord, SandboxRecord } from '../model.ts'
import type { NetworkTable } from '../network-table.ts'

/** What one interface of a container has carried since it was plugged in, as the container sees it. */
export interface InterfaceTraffic extends LinkCounters {
  /** In the container: `"eth0"`. */
  readonly interfaceName: string
  readonly endpointId: string
  readonly networkId: string
  readonly networkName: string
}

/** Reads the traffic of one container, again and again, whatever becomes of its network meanwhile. */
export interface TrafficReader extends Disposable {
  /** In the order of the endpoints; empty while the container has no interfaces of ours. */
  read(): readonly InterfaceTraffic[]
}

/** A namespace that is looked into. The socket holds it: whoever ends the namespace has to end this too. */
interface Look {
  readonly sandboxId: string
  readonly netlink: NetlinkSocket
  /** Names of interfaces by index, as of the last time that they were other ones. */
  names: ReadonlyMap<number, string>
}

/** What containers send and receive: the kernel's counters of their interfaces. */
export class Traffic {
  readonly #table: NetworkTable
  readonly #looks = new Set<Look>()

  constructor(table: NetworkTable) {
    this.#table = table
  }

  /**
   * Opens the counters of a container's network: of the container whose network it has joined, where it did. A container
   * on the host's network has no interfaces of its own, and no counters, as in Docker.
   */
  open(containerId: string): TrafficReader {
    let look: Look | undefined
    return {
      read: () => {
        const owner = this.#ownerOf(containerId)
        if (look !== undefined && look.sandboxId !== owner?.id) this.#close(look)
        if (look !== undefined && !this.#looks.has(look)) look = undefined
        const endpoints = owner === undefined ? [] : this.#table.endpointsOfContainer(owner.containerId)
        if (owner === undefined || endpoints.every(({ interfaceName }) => interfaceName === '')) return []
        look ??= this.#look(owner)
        return look === undefined ? [] : readAll(look, endpoints)
      },
      [Symbol.dispose]: () => {
        if (look !== undefined) this.#close(look)
      },
    }
  }

  /** A namespace is to end: nobody looks into it any more. */
  leave(sandboxId: string): void {
    for (const look of this.#looks) if (look.sandboxId === sandboxId) this.#close(look)
  }

  /** The sandbox that a container lives in, when that has a namespace of its own. */
  #ownerOf(containerId: string): SandboxRecord | undefined {
    const sandbox = this.#table.sandbox(containerId)
    switch (sandbox?.wish.mode.kind) {
      case 'own':
        return sandbox
      case 'join':
        return this.#ownerOf(sandbox.wish.mode.containerId) // whoever joins was there later: this comes to an end
      default:
        return undefined
    }
  }

  /** Undefined when the namespace has ended meanwhile. */
  #look({ id, path }: SandboxRecord): Look | undefined {
    try {
      using namespace = openNamedNamespace(path)
      const look: Look = { sandboxId: id, netlink: new NetlinkSocket(namespace), names: new Map() }
      this.#looks.add(look)
      return look
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  #close(look: Look): void {
    this.#looks.delete(look)
    look.netlink[Symbol.dispose]()
  }
}

function readAll(look: Look, endpoints: readonly EndpointRecord[]): readonly InterfaceTraffic[] {
  const counters = readLinkCounters(look.netlink)
  if (!isNamed(look.names, counters)) {
    look.names = new Map(listLinks(look.netlink).map(({ index, name }) => [index, name]))
  }
  const byName = new Map(Array.from(counters, ([index, each]) => [look.names.get(index), each]))
  return endpoints.flatMap(({ id, interfaceName, networkId, networkName }) => {
    const each = byName.get(interfaceName)
    return each === undefined ? [] : [{ interfaceName, endpointId: id, networkId, networkName, ...each }]
  })
}

/** Interfaces come and go by their index; one that is renamed by hand keeps the name that it was plugged in with. */
function isNamed(names: ReadonlyMap<number, string>, counters: ReadonlyMap<number, unknown>): boolean {
  return names.size === counters.size && counters.keys().every((index) => names.has(index))
}
