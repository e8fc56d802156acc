import type { ResolverCounts } from './counts.ts'

/**
 * What the daemon and `wharf resolver` say to each other: JSON lines over a unix stream socket.
 *
 * The daemon sends requests, each with a `seq`; the resolver answers every one with the same `seq`, in any order.
 * All requests are idempotent, so that a daemon that comes back after a crash simply says everything again and
 * then `retain`s what it knows.
 */

/** Raised when a message changes its meaning. A daemon that finds another version replaces the resolver. */
export const protocolVersion = 3

/** A DNS server to ask for names that are not ours. */
export interface Upstream {
  /** Numeric address, IPv4 or IPv6. */
  readonly address: string
  /** Whose network the question leaves from: servers of the host's resolv.conf, or servers given with `--dns`. */
  readonly from: 'host' | 'sandbox'
}

/** The resolver of one container: sockets on 127.0.0.11 in its network namespace. */
export interface SandboxSetup {
  readonly id: string
  /** Path of the network namespace, openable by both processes. */
  readonly netnsPath: string
  /** Networks whose names this container may see, in the order they are searched. */
  readonly networks: readonly { readonly id: string; readonly name: string }[]
  readonly upstreams: readonly Upstream[]
  /** False when all networks are internal: upstreams `from: 'host'` are not asked. */
  readonly forwardFromHost: boolean
  /** True when the user set `ndots`: single-label A and AAAA questions are not forwarded. */
  readonly ndotsSet: boolean
  /** Private names (`--link`), looked up first: alias to addresses. */
  readonly links: Readonly<Record<string, readonly string[]>>
}

/** One container on one network, as names see it. */
export interface NamedEndpoint {
  readonly id: string
  readonly networkId: string
  /** Without the network's name; the first one answers PTR. Case does not matter. */
  readonly names: readonly string[]
  /** Numeric addresses of both families. Empty for a container that was created but does not run: NODATA. */
  readonly addresses: readonly string[]
  /** What the host's own programs find it by; absent: they do not. */
  readonly owner?: { readonly containerId: string; readonly networkName: string }
}

/** Where the host's own programs are answered, in the resolver's (the host's) network namespace. */
export interface HostAddress {
  /** Numeric. */
  readonly address: string
  /** 1 to 65535. */
  readonly port: number
}

/** The transports that a port can be held for. */
export type PortProtocol = 'tcp' | 'udp' | 'sctp'

/** Host ports that count upwards, each to hold by a bound socket in the resolver's (the host's) network namespace. */
export interface PortRange {
  /** Chosen by the daemon. What one owner holds and asks for again stays as it is. */
  readonly owner: string
  readonly protocol: PortProtocol
  /** `"0.0.0.0"`, `"::"`, one numeric address of the host, or `"*"`: both families, by one socket for both. */
  readonly hostAddress: string
  /** 1 to 65535: the first one. */
  readonly hostPort: number
  /** 1 or more. */
  readonly count: number
}

/** Ports to hold, and what is to be done with what reaches them. */
export interface PortReservation extends PortRange {
  /**
   * When set, what reaches the sockets (and was not redirected by the kernel) is carried to this address; `port` is for
   * the first one, the others follow in step. With `"*"`: what comes by IPv6.
   */
  readonly proxyTo?: { readonly address: string; readonly port: number; readonly netnsPath?: string }
}

/** A port that could not be had. */
export interface RefusedPort {
  readonly protocol: PortProtocol
  /** Never `"*"`. */
  readonly hostAddress: string
  readonly hostPort: number
}

/** What the daemon asks of the resolver. */
export type ResolverRequest =
  | { readonly do: 'hello' }
  | { readonly do: 'put-sandbox'; readonly sandbox: SandboxSetup }
  | { readonly do: 'remove-sandbox'; readonly id: string }
  | { readonly do: 'put-endpoint'; readonly endpoint: NamedEndpoint }
  | { readonly do: 'remove-endpoint'; readonly id: string }
  /** Answers the host's own programs there, and nowhere else. */
  | { readonly do: 'put-host'; readonly host: HostAddress }
  | { readonly do: 'remove-host' }
  /** All of them or none. */
  | { readonly do: 'reserve-ports'; readonly ports: readonly PortReservation[] }
  | { readonly do: 'release-ports'; readonly ports: readonly PortRange[] }
  /** Everything that is not named here is removed. */
  | {
      readonly do: 'retain'
      readonly sandboxes: readonly string[]
      readonly endpoints: readonly string[]
      readonly ports: readonly PortRange[]
    }
  /** What it has done so far. An older resolver does not know it, and refuses. */
  | { readonly do: 'count' }
  /** Ends the resolver: only for upgrades and for tests. */
  | { readonly do: 'exit' }

/** The answer of each request that has one. */
export interface ResolverAnswers {
  readonly hello: { readonly version: number; readonly pid: number }
  readonly count: ResolverCounts
}

/** One line from the resolver: the answer of the request that bore the same number. */
export type ReplyLine =
  | { readonly seq: number; readonly ok: unknown }
  | { readonly seq: number; readonly error: ReplyError }

/** `errno` is set when the kernel refused, e.g. `"EADDRINUSE"`, and `port` when it refused a port. */
export interface ReplyError {
  readonly message: string
  readonly errno?: string
  readonly port?: RefusedPort
}
