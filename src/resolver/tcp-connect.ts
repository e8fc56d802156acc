import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import type { NetworkNamespace } from '../kernel/namespace.ts'
import { connectSocket, openSocket } from '../kernel/sockets/sockets.ts'
import { inNamespace } from './in-namespace.ts'

/**
 * Begins a TCP connection from a namespace, or from this process's own when there is none.
 *
 * What is written waits for the connection; a refusal comes as an `error` event.
 *
 * @throws {KernelError} when the kernel knows at once that it cannot be
 */
export function connectTcp(namespace: NetworkNamespace | undefined, address: string, port: number): Socket {
  const fd = inNamespace(namespace, () => {
    const opened = openSocket('tcp', address)
    try {
      connectSocket(opened, address, port)
      return opened
    } catch (error) {
      closeSync(opened)
      throw error
    }
  })
  return new Socket({ fd, readable: true, writable: true, allowHalfOpen: true })
}
