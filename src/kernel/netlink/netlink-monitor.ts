import { closeSync } from 'node:fs'
import { isErrno } from '../../base/errors.ts'
import { decodeFrames, type Frame } from '../../wire/netlink/frame.ts'
import { check } from '../libc.ts'
import type { NetworkNamespace } from '../namespace.ts'
import type { Poller } from '../poller.ts'
import { AF_NETLINK } from '../sockets/address-family.ts'
import {
  bind,
  MSG_TRUNC,
  recv,
  SO_RCVBUFFORCE,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_NETLINK,
  SOL_SOCKET,
  setsockopt,
  socket,
} from '../sockets/socket-calls.ts'
import { NETLINK_NETFILTER, NETLINK_ROUTE } from './netlink-socket.ts'
import { decodeNftablesChange, decodeRouteChange, type NetworkChange } from './network-change.ts'

const NETLINK_ADD_MEMBERSHIP = 1
/** `struct sockaddr_nl` with family alone. */
const anyAddress = new Uint8Array(Uint16Array.of(AF_NETLINK, 0, 0, 0, 0, 0).buffer)
const bufferBytes = 65_536
const datagramsPerTurn = 64

/** What there is to hear about. @source include/uapi/linux/rtnetlink.h (`RTNLGRP_*`), linux/netfilter/nfnetlink.h (`NFNLGRP_*`) */
const topics = {
  link: { protocol: NETLINK_ROUTE, groups: [1] },
  /** Of addresses, and of a bridge's or tunnel's forwarding entries. */
  neighbour: { protocol: NETLINK_ROUTE, groups: [3] },
  address: { protocol: NETLINK_ROUTE, groups: [5, 9] },
  route: { protocol: NETLINK_ROUTE, groups: [7, 11] },
  /** Which table of routes is asked first. */
  rule: { protocol: NETLINK_ROUTE, groups: [8, 19] },
  nftables: { protocol: NETLINK_NETFILTER, groups: [7] },
} as const

/** One thing to hear about. */
export type MonitorTopic = keyof typeof topics

/** What a monitor is made of. */
export interface MonitorParts {
  readonly namespace: NetworkNamespace
  readonly poller: Poller
  readonly topics: readonly MonitorTopic[]
  /** Called for each change, in the order of the kernel within rtnetlink and within nftables. Must not throw. */
  readonly onChange: (change: NetworkChange) => void
  /** How much the kernel keeps for us while we are busy, in bytes; 4 MiB unless told. */
  readonly backlogBytes?: number
}

/**
 * Hears what happens to the network of one namespace, whoever does it, ourselves included.
 *
 * When the kernel could not keep a notice for us, `{ kind: 'lost' }` says so.
 *
 * @source netlink(7), rtnetlink(7)
 */
export class NetlinkMonitor implements Disposable {
  readonly #stack = new DisposableStack()
  readonly #onChange: (change: NetworkChange) => void
  readonly #buffer = new Uint8Array(bufferBytes)
  readonly #receivers: (() => boolean)[] = []

  constructor({ namespace, poller, topics: wanted, onChange, backlogBytes = 1 << 22 }: MonitorParts) {
    this.#onChange = onChange
    using undo = new DisposableStack()
    undo.use(this)
    for (const [protocol, decode] of [
      [NETLINK_ROUTE, decodeRouteChange],
      [NETLINK_NETFILTER, decodeNftablesChange],
    ] as const) {
      const groups = wanted.map((topic) => topics[topic]).filter((topic) => topic.protocol === protocol)
      if (groups.length === 0) continue
      const fd = this.#open(namespace, protocol, backlogBytes)
      for (const group of groups.flatMap((topic): readonly number[] => topic.groups))
        check('listen to the network', setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, int(group), 4))
      const receive = () => this.#receive(fd, decode)
      this.#receivers.push(receive)
      this.#stack.use(poller.watch(fd, 'read', receive))
    }
    undo.move()
  }

  #open(namespace: NetworkNamespace, protocol: number, backlogBytes: number): number {
    const fd = namespace.run(() =>
      check('open netlink socket', socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol)),
    )
    this.#stack.defer(() => closeSync(fd))
    // A number of our own, or the kernel takes its own changes for ours, and keeps them from us.
    check('bind netlink socket', bind(fd, anyAddress, anyAddress.length))
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, int(backlogBytes), 4) // without the right to: what everybody gets
    return fd
  }

  /**
   * Tells of everything that has happened until now, instead of when the event loop comes to it: the kernel puts its
   * notices there before it answers whoever made the change. Not to be called by a listener.
   */
  catchUp(): void {
    for (const receive of this.#receivers) while (receive());
  }

  /** Tells of what is there, in turns. @returns whether there may be more */
  #receive(fd: number, decode: (frame: Frame) => NetworkChange | undefined): boolean {
    for (let n = 0; n < datagramsPerTurn && !this.#stack.disposed; n++) {
      try {
        const received = check('hear the network', recv(fd, this.#buffer, bufferBytes, MSG_TRUNC))
        const frames = received > bufferBytes ? undefined : decodeFrames(this.#buffer.subarray(0, received))
        if (frames === undefined) this.#onChange({ kind: 'lost' })
        for (const frame of frames ?? []) this.#tell(decode(frame))
      } catch (error) {
        if (isErrno(error, 'EAGAIN')) return false
        if (isErrno(error, 'EINTR')) return true
        if (!isErrno(error, 'ENOBUFS') && !(error instanceof RangeError)) throw error
        this.#onChange({ kind: 'lost' })
      }
    }
    return !this.#stack.disposed
  }

  #tell(change: NetworkChange | undefined): void {
    if (change !== undefined && !this.#stack.disposed) this.#onChange(change)
  }

  /** Calls nobody any more. */
  [Symbol.dispose](): void {
    this.#stack.dispose()
  }
}

function int(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer)
}
