import { closeSync } from 'node:fs'
import { allowReuse, bindSocket, listenSocket, openSocket } from '../../kernel/sockets/sockets.ts'

const backlog = 64

/** The two sockets of a DNS server. */
export interface DnsSockets extends Disposable {
  readonly udp: number
  readonly tcp: number
  /** The port of both. */
  readonly port: number
}

/** Opens a UDP and a TCP socket on one port of an address, in the network namespace of this thread. @throws {KernelError} */
export function openDnsSockets(address: string, port: number): DnsSockets {
  using undo = new DisposableStack()
  const open = (kind: 'udp' | 'tcp') => {
    const fd = undo.adopt(openSocket(kind, address), closeSync)
    if (kind === 'tcp') allowReuse(fd)
    bindSocket(fd, address, port)
    return fd
  }
  const udp = open('udp')
  const tcp = open('tcp')
  listenSocket(tcp, backlog)
  const sockets = undo.move()
  return { udp, tcp, port, [Symbol.dispose]: () => sockets.dispose() }
}
