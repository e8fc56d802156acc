import type { NetworkNamespace } from '../../kernel/namespace.ts'
import { NetlinkMonitor } from '../../kernel/netlink/netlink-monitor.ts'
import type { NetworkChange } from '../../kernel/netlink/network-change.ts'
import type { Poller } from '../../kernel/poller.ts'

/** Called for each change of the host's network, in the order of the kernel. Must not throw, nor take long. */
export type ChangeListener = (change: NetworkChange) => void

/** What `HostChanges` listens with. */
export interface HostChangesParts {
  readonly namespace: NetworkNamespace
  readonly poller: Poller
}

/** What happens to the network of the host, heard once and told to everybody who wants to know. */
export class HostChanges {
  readonly #parts: HostChangesParts
  readonly #listeners = new Set<ChangeListener>()
  #monitor: NetlinkMonitor | undefined

  constructor(parts: HostChangesParts) {
    this.#parts = parts
  }

  /** Tells `listener` of everything from now on; the kernel is listened to while somebody wants to know. */
  listen(listener: ChangeListener): Disposable {
    this.#monitor ??= new NetlinkMonitor({
      ...this.#parts,
      topics: ['link', 'address', 'route', 'rule', 'nftables'],
      onChange: (change) => {
        for (const one of this.#listeners) one(change)
      },
    })
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#stop(listener) }
  }

  /** Tells everybody of all that has happened until now. Not to be called by a listener. */
  catchUp(): void {
    this.#monitor?.catchUp()
  }

  #stop(listener: ChangeListener): void {
    this.#listeners.delete(listener)
    if (this.#listeners.size > 0) return
    this.#monitor?.[Symbol.dispose]()
    this.#monitor = undefined
  }
}
