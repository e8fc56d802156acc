import { isErrno } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { findLink } from '../../kernel/netlink/links.ts'
import { sendFrames } from '../../kernel/sockets/packets.ts'
import { arpAnnouncement, neighbourAdvertisement } from '../../wire/announcement.ts'
import { bareAddress } from '../ipam/prefix.ts'
import type { EndpointRecord, NetworkRecord } from '../model.ts'
import type { NetworkTable } from '../network-table.ts'
import { openSandboxNamespace } from '../sandbox/sandbox-namespace.ts'
import { parseAnnouncements } from './announcements.ts'

/** Until then the bridge forwards what comes from a port whose cable was just plugged in. */
const firstAfterMs = 20

/**
 * Tells the neighbours of a new endpoint which hardware address its addresses are at now: they may remember another.
 *
 * Nobody waits for it, and what cannot be sent is not missed: who does not know asks.
 */
export class Announcer implements Disposable {
  readonly #table: NetworkTable
  readonly #log: Log
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor({ table, log }: { readonly table: NetworkTable; readonly log: Log }) {
    this.#table = table
    this.#log = log
  }

  /** Begins to tell; an endpoint that goes meanwhile is told of no more. */
  announce({ options }: NetworkRecord, { id, mac, interfaceName }: EndpointRecord): void {
    const { count, intervalMs } = parseAnnouncements(options)
    if (count > 0 && mac !== '' && interfaceName !== '') this.#later(id, { left: count, intervalMs }, firstAfterMs)
  }

  #later(id: string, { left, intervalMs }: Remaining, waitMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      if (this.#tell(id) && left > 1) this.#later(id, { left: left - 1, intervalMs }, intervalMs)
    }, waitMs)
    timer.unref()
    this.#timers.add(timer)
  }

  /** @returns whether there is anything to tell again */
  #tell(id: string): boolean {
    const endpoint = this.#table.endpoint(id)
    const sandbox = endpoint && this.#table.sandbox(endpoint.containerId)
    if (endpoint === undefined || sandbox === undefined) return false
    try {
      using handle = openSandboxNamespace(sandbox.path)
      const link = findLink(handle.netlink, endpoint.interfaceName)
      if (link?.mac !== endpoint.mac) return false // the container's owner has changed it: theirs now
      sendFrames(handle.namespace, link.index, framesOf(endpoint))
      return true
    } catch (error) {
      if (!isGone(error)) this.#log.warn('cannot announce addresses', { endpoint: id, error })
      return false
    }
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }
}

interface Remaining {
  readonly left: number
  readonly intervalMs: number
}

function framesOf({ mac, ipv4, ipv6 }: EndpointRecord): Uint8Array[] {
  return [
    ...(ipv4 === undefined ? [] : [arpAnnouncement(mac, bareAddress(ipv4))]),
    ...(ipv6 === undefined ? [] : [neighbourAdvertisement(mac, bareAddress(ipv6))]),
  ]
}

/** The namespace or its interface is gone, or down. */
function isGone(error: unknown): boolean {
  return isErrno(error, 'ENODEV', 'ENXIO', 'ENETDOWN') || (error as NodeJS.ErrnoException).code === 'ENOENT'
}
