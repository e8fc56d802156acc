import type { IncomingMessage, ServerResponse as Response } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

const { ServerResponse } = process.getBuiltinModule('node:http')

interface Upgrade {
  readonly socket: Duplex
  readonly response: Response
}

/**
 * Connections whose client wants them to stop being HTTP (`Upgrade: tcp`, or a web socket).
 *
 * Such a request is routed like every other, so that "no such container" is answered as JSON; a route that agrees
 * takes the connection over. Node parses a body of the request apart from what follows it on the connection.
 */
export class Upgrades {
  readonly #waiting = new WeakMap<IncomingMessage, Upgrade>()
  readonly #open = new Set<Duplex>()

  /** Whether a request asks for a connection that some route may give. For `shouldUpgradeCallback`. */
  readonly wants = ({ method, url, headers }: IncomingMessage): boolean => {
    const path = (url ?? '').split('?', 1)[0]!
    const protocol = headers.upgrade?.toLowerCase()
    if (protocol === 'websocket') return method === 'GET' && path.endsWith('/attach/ws')
    return method === 'POST' && protocol === 'tcp' && /\/(attach|start)$/.test(path)
  }

  /** Routes a request that came with an upgrade. @param head bytes that came after it */
  accept(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    route: (request: IncomingMessage, response: Response) => void,
  ): void {
    this.#open.add(socket)
    socket.once('close', () => this.#open.delete(socket))
    socket.on('error', () => socket.destroy()) // the client went away: whoever reads or writes sees "close"
    if (head.length > 0) socket.unshift(head)
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket as Socket) // it needs no more of a socket than a Duplex has
    response.once('finish', () => {
      response.detachSocket(socket as Socket)
      endAndDrain(socket)
    })
    this.#waiting.set(request, { socket, response })
    route(request, response)
  }

  /** The connection of a request, now the caller's; undefined when its client did not ask for it. */
  take(request: IncomingMessage): Duplex | undefined {
    const upgrade = this.#waiting.get(request)
    if (upgrade === undefined) return undefined
    this.#waiting.delete(request)
    upgrade.response.detachSocket(upgrade.socket as Socket)
    return upgrade.socket
  }

  /** Ends every connection that was given away. */
  closeAll(): void {
    for (const socket of this.#open) socket.destroy()
  }
}

/**
 * Ends our side, and reads on until the client ends its own: closing with unread input would make the client see a
 * reset instead of the end.
 */
export function endAndDrain(socket: Duplex): void {
  socket.end()
  socket.removeAllListeners('data')
  socket.resume()
}
