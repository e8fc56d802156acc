import type { NetworkChange } from '../../kernel/netlink/network-change.ts'
import type { NetworkParts } from '../network-parts.ts'
import { tell } from '../networks/networks.ts'
import { followMtu } from './follow-mtu.ts'
import { followResolvConf } from './follow-resolv-conf.ts'
import type { HostChanges } from './host-changes.ts'
import { ResolvConfWatch } from './resolv-conf-watch.ts'
import type { Shadow } from './shadow.ts'
import { ShadowWatch } from './shadow-watch.ts'

/** Notices that belong together come within this time. Milliseconds. */
const gathering = 10

/**
 * Follows what happens around the networks while the engine runs: the host's way out, its routes, its resolv.conf.
 *
 * It judges by states: what is as it was at the end was no change.
 */
export class Surroundings {
  readonly #parts: NetworkParts
  readonly #changes: HostChanges
  readonly #shadows: ShadowWatch
  #watch = new DisposableStack()
  #timer: NodeJS.Timeout | undefined
  #work: Promise<void> = Promise.resolve()
  #uplinkIsNew = false

  constructor(parts: NetworkParts, changes: HostChanges) {
    this.#parts = parts
    this.#changes = changes
    this.#shadows = new ShadowWatch(parts, {
      appeared: (shadow) => this.#tellShadow('shadowed', shadow),
      cleared: (shadow) => this.#tellShadow('cleared', shadow),
    })
    this.#watch.dispose()
  }

  /** Begins, on a host whose networks are as the records say; looks at once at what changed while nobody did. */
  async start(): Promise<void> {
    using undo = new DisposableStack()
    undo.use(this.#parts.hostRoutes.follow(this.#changes)) // first: who hears of a change may ask for them
    undo.use(this.#changes.listen((change) => this.#hear(change)))
    undo.use(this.#watchResolvConf())
    this.#watch = undo.move()
    this.#uplinkIsNew = true
    this.#shadows.doubt()
    this.#add(() => this.#follow())
    this.#add(() => followResolvConf(this.#parts, { resolverKnows: true }))
    await this.#work
  }

  /** Hears nothing any more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#watch.dispose()
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.#work
  }

  /** A network was made. */
  meet(networkId: string): void {
    if (!this.#watch.disposed) this.#shadows.lookAtNetwork(networkId)
  }

  /** Routes of the host that take packets away from networks. */
  shadows(): readonly Shadow[] {
    const { table } = this.#parts
    return this.#shadows.list().filter(({ networkId }) => table.network(networkId) !== undefined)
  }

  #watchResolvConf(): Disposable {
    const { files, log } = this.#parts
    return new ResolvConfWatch({
      files,
      log,
      onChange: () => {
        log.info("follows the host's resolv.conf", { path: files.resolvConf })
        this.#add(() => followResolvConf(this.#parts, { resolverKnows: false }))
      },
    })
  }

  #hear(change: NetworkChange): void {
    const mayShadow = this.#shadows.hear(change)
    this.#uplinkIsNew ||= this.#parts.uplink.concerns(change)
    if (!mayShadow && !this.#uplinkIsNew) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#add(() => this.#follow())
    }, gathering)
  }

  /** One thing at a time: what comes meanwhile is done afterwards. */
  #add(task: () => Promise<void>): void {
    const work = this.#work.then(task)
    this.#work = work.catch(() => {}) // told by the background
    this.#parts.background.run('follow what happened around the networks', () => work)
  }

  async #follow(): Promise<void> {
    const { uplink } = this.#parts
    this.#shadows.look()
    if (!this.#uplinkIsNew) return
    this.#uplinkIsNew = false
    const before = uplink.mtu
    uplink.look()
    if (uplink.mtu !== before) await followMtu(this.#parts, { before, after: uplink.mtu })
  }

  #tellShadow(action: 'shadowed' | 'cleared', shadow: Shadow): void {
    const { table, log } = this.#parts
    const { networkId, route, device, subnet } = shadow
    const network = table.network(networkId)
    if (network === undefined) return
    const attributes = { route, device, subnet, table: String(shadow.table) }
    if (action === 'cleared') log.info('sees a network again', { network: network.name, ...attributes })
    else log.warn('sees a route that takes packets away from a network', { network: network.name, ...attributes })
    tell(this.#parts, action, network, undefined, attributes)
  }
}
