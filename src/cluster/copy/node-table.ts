import type { ClusterChange, ClusterNode, NodeState } from '../model.ts'
import type { NodeLife, NodeRegistration } from './records.ts'

interface Entry {
  registration: NodeRegistration
  life: NodeLife | undefined
  state: NodeState
  timer?: NodeJS.Timeout
}

/**
 * Who is in the cluster, and who is alive.
 *
 * Only this host's own clock counts the grace period, from when it saw the lease run out; while etcd is out of reach
 * nobody grows any deader.
 */
export class NodeTable implements Disposable {
  readonly #entries = new Map<string, Entry>()
  /** Lives of nodes whose registration has not come yet. */
  readonly #lives = new Map<string, NodeLife>()
  readonly #graceMs: number
  readonly #onChange: (changes: readonly ClusterChange[]) => void
  /** Nodes that were dead before this host's engine started, and have not been heard of since. */
  readonly #longDead: Set<string>
  #reachable = false

  /**
   * @param onChange hears of nodes whose grace period ends
   * @param longDead ids of nodes whose grace period was over before: they get no second one
   */
  constructor(
    graceMs: number,
    onChange: (changes: readonly ClusterChange[]) => void,
    longDead: readonly string[] = [],
  ) {
    this.#graceMs = graceMs
    this.#onChange = onChange
    this.#longDead = new Set(longDead)
  }

  get(id: string): ClusterNode | undefined {
    const entry = this.#entries.get(id)
    return entry && this.#node(id, entry)
  }

  list(): ClusterNode[] {
    const nodes = [...this.#entries].map(([id, entry]) => this.#node(id, entry))
    return nodes.sort((a, b) => (a.name === b.name ? (a.id < b.id ? -1 : 1) : a.name < b.name ? -1 : 1))
  }

  /** Ids of those whose grace period is over. */
  dead(): string[] {
    return [...this.#entries].flatMap(([id, { state }]) => (state === 'dead' ? [id] : []))
  }

  register(id: string, registration: NodeRegistration | undefined): ClusterChange[] {
    const known = this.#entries.get(id)
    if (registration === undefined) {
      if (known === undefined) return []
      const node = this.#node(id, known)
      clearTimeout(known.timer)
      this.#entries.delete(id)
      return [{ type: 'node-left', node }]
    }
    if (known !== undefined) {
      known.registration = registration
      return [{ type: 'node-changed', node: this.#node(id, known) }]
    }
    const life = this.#lives.get(id)
    const entry: Entry = { registration, life, state: life ? 'alive' : this.#longDead.has(id) ? 'dead' : 'lost' }
    this.#longDead.delete(id)
    this.#entries.set(id, entry)
    if (entry.state === 'lost') this.#countDown(id, entry)
    return [{ type: 'node-joined', node: this.#node(id, entry) }]
  }

  live(id: string, life: NodeLife | undefined): ClusterChange[] {
    if (life === undefined) this.#lives.delete(id)
    else this.#lives.set(id, life)
    const entry = this.#entries.get(id)
    if (entry === undefined) return []
    entry.life = life
    return this.#become(id, entry, life === undefined ? (entry.state === 'dead' ? 'dead' : 'lost') : 'alive')
  }

  /** Etcd is there, or is not: only then can anybody be missing. */
  set reachable(value: boolean) {
    this.#reachable = value
    for (const [id, entry] of this.#entries) {
      clearTimeout(entry.timer)
      if (value && entry.state === 'lost') this.#countDown(id, entry)
    }
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#entries.values()) clearTimeout(timer)
  }

  #become(id: string, entry: Entry, state: NodeState): ClusterChange[] {
    if (entry.state === state) return []
    clearTimeout(entry.timer)
    entry.state = state
    if (state === 'lost') this.#countDown(id, entry)
    return [{ type: 'node-state', node: this.#node(id, entry) }]
  }

  #countDown(id: string, entry: Entry): void {
    if (!this.#reachable) return
    entry.timer = setTimeout(() => this.#onChange(this.#become(id, entry, 'dead')), this.#graceMs)
    entry.timer.unref()
  }

  #node(id: string, { registration, life, state }: Entry): ClusterNode {
    const known = this.#reachable || state === 'dead'
    return { id, ...registration, state: known ? state : 'unknown', engineVersion: life?.engineVersion ?? '' }
  }
}
