import { createServer, type Server, type Socket } from 'node:net'
import type { Log } from '../../base/log.ts'
import { duplicateDescriptor } from '../../kernel/sockets.ts'
import { connectTcp } from '../tcp-connect.ts'
import type { PortProxy, ProxyTarget } from './port-proxy.ts'
import { withTargetNamespace } from './port-proxy.ts'

/** Carries the TCP connections of one published port to a container, each way until that way is closed. */
export class TcpProxy implements PortProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #log: Log
  #target: ProxyTarget

  /** @param parts.fd  a listening socket; it stays open, and listening, when the proxy is disposed */
  constructor({ fd, target, log }: { fd: number; target: ProxyTarget; log: Log }) {
    this.#target = target
    this.#log = log
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => this.#carry(client))
    this.#server.on('error', (error) =>
      this.#log.warn('a published port takes no connection', { error: error.message }),
    )
    this.#server.listen({ fd: duplicateDescriptor(fd) })
  }

  /** Connections that are open stay where they are. */
  retarget(target: ProxyTarget): void {
    this.#target = target
  }

  #carry(client: Socket): void {
    let container: Socket
    try {
      container = withTargetNamespace(this.#target, (namespace) =>
        connectTcp(namespace, this.#target.address, this.#target.port),
      )
    } catch (error) {
      this.#log.debug('the target of a published port is not reachable', { error: String(error) })
      client.resetAndDestroy()
      return
    }
    this.#join(client, container)
    this.#join(container, client)
    client.resume()
  }

  /** Carries bytes one way. A breakdown of one side is a breakdown for the other, and looks like it there. */
  #join(source: Socket, sink: Socket): void {
    this.#sockets.add(source)
    source.on('close', () => this.#sockets.delete(source))
    source.on('error', () => sink.resetAndDestroy())
    source.pipe(sink)
  }

  [Symbol.dispose](): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}
