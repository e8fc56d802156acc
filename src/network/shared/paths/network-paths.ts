import { randomInt } from 'node:crypto'
import { rfc3339Now } from '../../../base/clock.ts'
import type { ClusterNode } from '../../../cluster/model.ts'
import type { Poller } from '../../../kernel/poller.ts'
import type { Heartbeat } from '../../../wire/heartbeat.ts'
import type { CablePlace } from '../../driver.ts'
import { heartbeatMac } from '../shared-records.ts'
import { Line } from './line.ts'
import { isInDoubt, nextState, type PathState, type Round, sizesOf, untried } from './path-state.ts'

/** Milliseconds: between two rounds; while something is not clear; while a path is lost. */
const pausesMs = { usual: 5_000, doubt: 500, lost: 2_000 }
/** Milliseconds that an answer may take; and that others may take longer than the first. */
const patienceMs = 1_000
const stragglersMs = 200
/** A network that has just been joined is known on the other hosts a moment later. Milliseconds. */
const firstMs = 300

/** A path to another host, and what is known of it. */
export interface NetworkPath {
  readonly node: ClusterNode
  readonly state: PathState
  /** RFC 3339: since when it has been so. */
  readonly since: string
  /** Milliseconds that the other host's clock is ahead of ours; undefined while it has not answered. */
  readonly clockAheadMs: number | undefined
}

interface Tried extends NetworkPath {
  node: ClusterNode
  state: PathState
  since: string
  clockAheadMs: number | undefined
  /** When the next thing is to be done: `performance.now()`. */
  due: number
  /** What was sent last, by number; empty between two rounds. */
  readonly sent: Map<number, { readonly bytes: number; readonly at: number }>
  answers: Round['answers'][number][]
}

/** What one network's heartbeats are made of. */
export interface NetworkPathsParts {
  readonly nodeId: string
  readonly poller: Poller
  /** Opens the namespace that the network's bridge is in; undefined: there is none now. */
  readonly openPlace: () => CablePlace | undefined
  /** Something is due earlier than it was. */
  readonly onSooner: () => void
  readonly onChange: (path: NetworkPath, before: PathState) => void
}

/** The heartbeats of one network: asks the other hosts on it one after the other, and answers theirs. */
export class NetworkPaths implements Disposable {
  readonly #parts: NetworkPathsParts
  readonly #line: Line
  /** By hardware address. */
  readonly #paths = new Map<string, Tried>()

  constructor(parts: NetworkPathsParts) {
    this.#parts = parts
    const { nodeId, poller } = parts
    this.#line = new Line({ mac: heartbeatMac(nodeId), poller, hear: (heartbeat) => this.#hear(heartbeat) })
    this.look()
  }

  get list(): readonly NetworkPath[] {
    return [...this.#paths.values()]
  }

  /** When something is to be done next: `performance.now()`; infinite: never. */
  get due(): number {
    return Math.min(Infinity, ...Array.from(this.#paths.values(), ({ due }) => due))
  }

  /** Looks where the network's bridge is now. */
  look(): void {
    using place = this.#parts.openPlace()
    this.#line.look(place)
  }

  /** Hosts are on the network, or have another address now. */
  meet(nodes: readonly ClusterNode[]): void {
    for (const node of nodes) {
      const known = this.#paths.get(heartbeatMac(node.id))
      if (known !== undefined) known.node = node
      else this.#paths.set(heartbeatMac(node.id), begin(node, this.#line.bytes))
    }
  }

  /** Hosts are not on the network any more. */
  part(nodes: readonly ClusterNode[]): void {
    for (const { id } of nodes) this.#paths.delete(heartbeatMac(id))
  }

  /** Does what is due. */
  act(now: number): void {
    const due = [...this.#paths].filter(([, path]) => path.due <= now)
    if (due.length === 0) return
    for (const [, path] of due) path.due = now + pausesMs.usual // also when looking fails
    this.look()
    for (const [mac, path] of due) {
      if (path.sent.size > 0) this.#conclude(path)
      else this.#ask(mac, path, now)
    }
  }

  #ask(mac: string, path: Tried, now: number): void {
    const { bytes: full } = this.#line
    path.due = now + patienceMs
    if (full !== path.state.full) path.state = { ...untried(full), kind: path.state.kind }
    for (const bytes of full === 0 ? [] : sizesOf(path.state)) {
      const number = randomInt(2 ** 32)
      path.sent.set(number, { bytes, at: performance.now() })
      this.#line.send({ to: mac, kind: 'question', number, bytes })
    }
  }

  #hear({ from, kind, number, time, bytes }: Heartbeat): void {
    const path = this.#paths.get(from)
    if (path === undefined) return // nobody whom a frame would find
    if (kind === 'question') this.#line.send({ to: from, kind: 'answer', number, bytes })
    else this.#hearAnswer(path, number, time, bytes)
  }

  #hearAnswer(path: Tried, number: number, time: number, bytes: number): void {
    const asked = path.sent.get(number)
    if (asked?.bytes !== bytes) return
    const roundTripMs = performance.now() - asked.at
    path.answers.push({ bytes, roundTripMs })
    path.clockAheadMs = Math.round(time - (Date.now() - roundTripMs / 2))
    if (bytes >= path.state.full) this.#conclude(path)
    else if (path.answers.length === 1) this.#hurry(path)
  }

  /** Those that are to come back are on their way. */
  #hurry(path: Tried): void {
    path.due = Math.min(path.due, performance.now() + stragglersMs)
    this.#parts.onSooner()
  }

  #conclude(path: Tried): void {
    const before = path.state
    const sent = [...path.sent.values()].map(({ bytes }) => bytes)
    path.state = nextState(before, before.full, { sent, answers: path.answers })
    path.sent.clear()
    path.answers = []
    path.due = performance.now() + pauseAfter(path.state) * (0.9 + Math.random() / 5)
    const { kind, passes } = path.state
    const isSame = kind === before.kind && (kind !== 'mtu' || passes === before.passes || isInDoubt(path.state))
    if (isSame) return
    path.since = rfc3339Now()
    this.#parts.onChange(path, before)
  }

  [Symbol.dispose](): void {
    this.#paths.clear()
    this.#line[Symbol.dispose]()
  }
}

function begin(node: ClusterNode, full: number): Tried {
  const due = performance.now() + firstMs * (1 + Math.random())
  const nothing = { clockAheadMs: undefined, sent: new Map(), answers: [] }
  return { node, state: untried(full), since: rfc3339Now(), due, ...nothing }
}

function pauseAfter(state: PathState): number {
  if (state.kind === 'lost') return pausesMs.lost
  return isInDoubt(state) ? pausesMs.doubt : pausesMs.usual
}
