import type { NetworkChange } from '../../kernel/netlink/network-change.ts'
import type { NetworkParts } from '../network-parts.ts'
import { followMtu } from './follow-mtu.ts'
import { followResolvConf } from './follow-resolv-conf.ts'
import type { HostChanges } from './host-changes.ts'
import { ResolvConfWatch } from './resolv-conf-watch.ts'

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
  #watch = new DisposableStack()
  #timer: NodeJS.Timeout | undefined
  #work: Promise<void> = Promise.resolve()
  #uplinkIsNew = false

  constructor(parts: NetworkParts, changes: HostChanges) {
    this.#parts = parts
    this.#changes = changes
    this.#watch.dispose()
  }

  /** Begins, on a host whose networks are as the records say; looks at once at what changed while nobody did. */
  async start(): Promise<void> {
    using undo = new DisposableStack()
    undo.use(this.#changes.listen((change) => this.#hear(change)))
    undo.use(this.#watchResolvConf())
    this.#watch = undo.move()
    this.#uplinkIsNew = true
    this.#look()
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
    this.#uplinkIsNew ||= this.#parts.uplink.concerns(change)
    if (this.#uplinkIsNew) this.#lookSoon()
  }

  #lookSoon(): void {
    this.#timer ??= setTimeout(() => this.#look(), gathering)
  }

  #look(): void {
    this.#timer = undefined
    this.#add(() => this.#follow())
  }

  /** One thing at a time: what comes meanwhile is done afterwards. */
  #add(task: () => Promise<void>): void {
    const work = this.#work.then(task)
    this.#work = work.catch(() => {}) // told by the background
    this.#parts.background.run('follow what happened around the networks', () => work)
  }

  async #follow(): Promise<void> {
    const { uplink } = this.#parts
    if (this.#uplinkIsNew) {
      this.#uplinkIsNew = false
      const before = uplink.mtu
      uplink.look()
      if (uplink.mtu !== before) await followMtu(this.#parts, { before, after: uplink.mtu })
    }
  }
}
