import { listLinks } from '../../kernel/netlink/links.ts'
import { nftablesProcessId } from '../../kernel/netlink/nftables-process.ts'
import { vethName } from '../cables/link-marks.ts'
import type { NetworkRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { HostChanges } from '../surroundings/host-changes.ts'
import { assessDamage, type Damage, mergeDamage, type WantedLinks } from './damage.ts'
import { FirewallHealer } from './heal-firewall.ts'
import { healNetwork } from './heal-network.ts'
import { ParentHealer } from './heal-parent.ts'
import { HostNews } from './host-news.ts'
import { Pace } from './pace.ts'
import { Turns } from './turns.ts'
import { wantedLinks } from './wanted-links.ts'

/** Notices that belong together come within this time; our own changes look whole after it. Milliseconds. */
const gathering = 4
/** How often networks are looked at whether the kernel told anything or not. Milliseconds. */
const checkInterval = 30_000
/** How many of them each time: all of a thousand at once would be most of what an idle engine does. */
const networksPerCheck = 50
/** Milliseconds, after a repair that failed. */
const retryAfter = 500
const limits = { times: 10, within: 1000 }
const firewallKey = 'firewall'
const wholeBridge: Damage = { bridge: 'lost', endpointIds: new Set() }

/**
 * Keeps the host as the records say while the engine runs: hears what the kernel tells, and mends what was hit. Every
 * half a minute it looks at some networks, and so at all of them in turn, for what the kernel tells nobody, like settings
 * of /proc/sys; at everything else whenever it begins again with the first.
 *
 * It judges by states, not by deeds: what is as it should be was no damage, whoever did it.
 */
export class Healer {
  readonly #parts: NetworkParts
  readonly #changes: HostChanges
  readonly #firewall: FirewallHealer
  readonly #parents: ParentHealer
  readonly #pace = new Pace(limits)
  readonly #damages = new Map<string, Damage>()
  readonly #busy = new Map<string, Promise<void>>()
  readonly #turns = new Turns(networksPerCheck)
  readonly #wanted: WantedLinks
  #news: HostNews
  #firewallIsHit = false
  #watch = new DisposableStack()
  #timer: NodeJS.Timeout | undefined

  constructor(parts: NetworkParts, changes: HostChanges) {
    this.#parts = parts
    this.#changes = changes
    this.#firewall = new FirewallHealer(parts)
    this.#parents = new ParentHealer(parts)
    this.#news = this.#newNews(0)
    this.#wanted = wantedLinks(parts, (name) => this.#news.bridgeIndex(name))
    this.#watch.dispose()
  }

  #newNews(processId: number): HostNews {
    const { table, drivers } = this.#parts
    return new HostNews({
      processId,
      isCable: (name) => table.endpointOfLink(name) !== undefined,
      isParent: (name) => drivers.sittingOn(name).size > 0,
    })
  }

  /** Begins, on a host that is as it should be now. */
  start(): void {
    const { host, hostNamespace } = this.#parts
    using undo = new DisposableStack()
    this.#news = this.#newNews(nftablesProcessId(hostNamespace))
    undo.use(
      this.#changes.listen((change) => {
        if (this.#news.hear(change)) this.#lookIn(gathering)
      }),
    )
    this.#news.know(listLinks(host))
    this.#firewall.learn()
    const timer = setInterval(() => this.#checkNext(), checkInterval).unref()
    undo.defer(() => clearInterval(timer))
    this.#watch = undo.move()
  }

  /** Hears nothing any more, and waits for what is being mended. */
  async stop(): Promise<void> {
    this.#watch.dispose()
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#damages.clear()
    await Promise.all(this.#busy.values())
  }

  #lookIn(ms: number): void {
    if (!this.#watch.disposed) this.#timer ??= setTimeout(() => this.#look(), ms)
  }

  #look(): void {
    this.#timer = undefined
    const { links, firewall, lost } = this.#news.take()
    for (const [id, damage] of assessDamage(links.values(), this.#wanted)) this.#note(id, damage)
    this.#firewallIsHit ||= firewall
    if (lost) this.#checkAll()
    else this.#heal()
  }

  /** Compares everything. */
  #checkAll(): void {
    this.#compareLinks()
    this.#check(this.#parts.table.networks())
    this.#firewallIsHit = true
    this.#heal()
  }

  /** Compares the networks whose turn it is. */
  #checkNext(): void {
    const { isFirst, some } = this.#turns.next(this.#parts.table.networks())
    if (isFirst) {
      this.#compareLinks()
      this.#firewallIsHit = true
    }
    this.#check(some)
    this.#heal()
  }

  /** Notes these networks, and those that no notice tells enough about: they are apart, or sit on somebody's interface. */
  #check(some: readonly NetworkRecord[]): void {
    const { table, drivers } = this.#parts
    const networks = table.networks()
    this.#parents.keep(new Set(networks.map(({ id }) => id)))
    const bridged = some.filter((network) => drivers.hostInterface(network) !== undefined)
    const others = networks.filter((network) => drivers.isApart(network) || drivers.parents(network).length > 0)
    for (const { id } of [...bridged, ...others]) this.#note(id, wholeBridge)
  }

  /** Notes the networks whose links are not as they should be. */
  #compareLinks(): void {
    const { table, host, drivers } = this.#parts
    const links = listLinks(host)
    this.#news.know(links)
    const present = new Map(links.map((link) => [link.name, link]))
    for (const network of table.networks()) {
      const name = drivers.hostInterface(network)
      if (name === undefined) continue
      if (present.get(name)?.up !== true) this.#note(network.id, wholeBridge)
      const broken = table.endpointsOfNetwork(network.id).filter(({ id }) => {
        const link = present.get(vethName(id))
        return link === undefined || !link.up || link.master !== this.#wanted.endpointOf(link.name)?.bridge
      })
      if (broken.length > 0)
        this.#note(network.id, { bridge: undefined, endpointIds: new Set(broken.map(({ id }) => id)) })
    }
  }

  #note(networkId: string, damage: Damage): void {
    this.#damages.set(networkId, mergeDamage(this.#damages.get(networkId), damage))
  }

  #heal(): void {
    if (this.#firewallIsHit && this.#mayGoOn(firewallKey)) this.#healFirewall()
    for (const [id, damage] of this.#damages) {
      // What happens to a network while it is being mended is looked at afterwards.
      if (this.#busy.has(id) || !this.#mayGoOn(id)) continue
      this.#damages.delete(id)
      this.#begin(id, damage)
    }
  }

  #healFirewall(): void {
    this.#firewallIsHit = false
    const begin = performance.now()
    try {
      const changed = this.#firewall.heal()
      if (changed) this.#pace.count(firewallKey, performance.now())
      this.#measure('firewall', changed ? 'repaired' : 'sound', begin)
    } catch (error) {
      this.#measure('firewall', 'failed', begin)
      this.#parts.log.error('cannot repair the firewall', { error })
      // Whoever was at it at the same time may be done by then.
      this.#firewallIsHit = true
      this.#lookIn(retryAfter)
    }
  }

  #begin(id: string, damage: Damage): void {
    const { background } = this.#parts
    const begin = performance.now()
    const done = healNetwork(this.#parts, id, damage, this.#parents).then((changed) => {
      if (changed) this.#pace.count(id, performance.now())
      this.#measure('network', changed ? 'repaired' : 'sound', begin)
    })
    const settled = done
      .catch(() => this.#measure('network', 'failed', begin)) // told by the background
      .then(() => {
        this.#busy.delete(id)
        if (this.#damages.has(id)) this.#lookIn(0)
      })
    this.#busy.set(id, settled)
    background.run('repair a network', () => done)
  }

  #measure(what: 'firewall' | 'network', result: 'repaired' | 'sound' | 'failed', begin: number): void {
    this.#parts.meters.reconciles.observe([what, result], (performance.now() - begin) / 1000)
  }

  #mayGoOn(key: string): boolean {
    const wait = this.#pace.wait(key, performance.now())
    if (wait === 0) return true
    if (this.#pace.hold(key)) this.#parts.log.warn('repairs less often: somebody goes on damaging', { what: key })
    this.#lookIn(wait)
    return false
  }
}
