import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { allowReuse, bindSocket, listenSocket, openSocket } from '../../src/kernel/sockets/sockets.ts'
import type { PortReservation } from '../../src/resolver/protocol.ts'
import { runIn } from './dig.ts'

/** A port to reserve: 8080 of TCP, but for the changes. */
export const port = (changes: Partial<PortReservation> = {}): PortReservation => {
  return { owner: 'c1', protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 8080, count: 1, ...changes }
}
/** Orders to the resolver. */
export const reservation = (...ports: Partial<PortReservation>[]) => {
  return { do: 'reserve-ports' as const, ports: (ports.length === 0 ? [{}] : ports).map(port) }
}
export const release = (changes: Partial<PortReservation> = {}) => ({
  do: 'release-ports' as const,
  ports: [port(changes)],
})
export const retain = (...ports: PortReservation[]) => ({ do: 'retain' as const, sandboxes: [], endpoints: [], ports })

/** What `ss` sees bound: `"tcp 0.0.0.0:8080"`, sorted. */
export async function bound(namespace: NetworkNamespace, ...options: string[]): Promise<string[]> {
  const lines = (await runIn(namespace, 'ss', '-Hlntu', ...options)).trim().split('\n').filter(Boolean)
  return lines
    .map((line) => line.split(/\s+/))
    .map(([kind, , , , address]) => `${kind} ${address}`)
    .sort()
}

/** A TCP server in a namespace that gives each connection to `serve`. */
export async function serveTcp(
  namespace: NetworkNamespace,
  address: string,
  port: number,
  serve: (socket: Socket) => void,
) {
  const fd = namespace.run(() => {
    const opened = openSocket('tcp', address)
    allowReuse(opened)
    bindSocket(opened, address, port)
    listenSocket(opened, 16)
    return opened
  })
  const server = createServer({ allowHalfOpen: true }, serve).listen({ fd })
  return {
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}

/** A UDP socket in a namespace, adopted by Node. */
export async function openUdp(namespace: NetworkNamespace, address: string, port: number) {
  const fd = namespace.run(() => {
    const opened = openSocket('udp', address)
    bindSocket(opened, address, port)
    return opened
  })
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  const listening = once(socket, 'listening')
  socket.bind({ fd })
  await listening
  return {
    socket,
    async [Symbol.asyncDispose]() {
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}
