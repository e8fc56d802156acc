import type { NodePath, StoreStatus } from './node.ts'

/** What differs on networks that hosts share, as the host that answers sees it: `GET /wharf/overlay/doctor`. */
export interface OverlayReport {
  /** Empty: etcd, records, kernel and heartbeats agree. */
  readonly Findings: readonly OverlayFinding[]
  /** What was looked at. */
  readonly Networks: readonly OverlayNetwork[]
  readonly Store: StoreStatus
}

/** A change of an encrypted network's key that has begun: `POST /wharf/overlay/rotate-key`. */
export interface KeyRotation {
  /** Id of the network. */
  readonly Network: string
  /** Names of the hosts that have not taken the new key up yet; the change goes on when they have. */
  readonly WaitsFor: readonly string[]
}

/** Something that is otherwise on one side than on another. */
export interface OverlayFinding {
  /** Name of the network; empty: it is about none alone. */
  readonly Network: string
  /** A sentence without its full stop. */
  readonly What: string
  /** What to do about it, or what the engine does. */
  readonly Remedy: string
}

/** A network that was looked at. */
export interface OverlayNetwork {
  readonly ID: string
  readonly Name: string
  /** This host has its part of it in the kernel, because containers of it are on the network. */
  readonly Joined: boolean
  /** How many there are, on all hosts. */
  readonly Endpoints: number
  readonly Paths: readonly (NodePath & {
    /** Name of the other host. */
    readonly Host: string
  })[]
}
