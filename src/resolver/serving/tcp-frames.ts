import type { Socket } from 'node:net'

/**
 * Calls `onMessage` with each DNS message that comes over a TCP connection: two bytes of length, then the message.
 *
 * @source RFC 1035 §4.2.2; RFC 7766 §8 (length and message may come in any pieces)
 */
export function onFrames(socket: Socket, onMessage: (message: Buffer) => void): void {
  let pending: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0)
      const message = pending.subarray(2, end)
      pending = pending.subarray(end)
      onMessage(message)
    }
  })
}

/** Puts the length before a message. */
export function frame(message: Uint8Array): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}
