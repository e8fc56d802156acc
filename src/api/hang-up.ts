import type { Socket } from 'node:net'

/** How long one who has been answered may go on sending, in milliseconds. */
const patienceMs = 10_000

/**
 * Has a connection that is to end after its answer end in two steps: we say no more, but hear the client out. One that
 * is answered while it still sends would run into a closed connection, and never read what it was refused for.
 *
 * @source RFC 9112 §9.6
 */
export function hangUpGently(socket: Socket): void {
  socket.destroySoon = () => {
    const late = setTimeout(() => socket.destroy(), patienceMs).unref()
    socket.once('close', () => clearTimeout(late))
    socket.end()
  }
}
