import type { Socket } from 'node:net'
import { KernelError } from '../../base/errors.ts'
import type { NetworkNamespace } from '../../kernel/namespace.ts'
import { frame, onFrames } from '../serving/tcp-frames.ts'
import { connectTcp } from '../tcp-connect.ts'

/** One question over TCP. */
export interface TcpQuestion {
  readonly address: string
  readonly namespace: NetworkNamespace | undefined
  readonly query: Buffer
  readonly timeoutMs: number
}

/** Asks one question over a TCP connection of its own. `done` is called once; with `undefined` when no answer came. */
export function askByTcp({ address, namespace, query, timeoutMs }: TcpQuestion, done: (reply?: Buffer) => void): void {
  let socket: Socket
  try {
    socket = connectTcp(namespace, address, 53)
  } catch (error) {
    if (!(error instanceof KernelError)) throw error
    done(undefined)
    return
  }
  const timer = setTimeout(() => end(undefined), timeoutMs)
  let ended = false
  const end = (reply: Buffer | undefined) => {
    if (ended) return
    ended = true
    clearTimeout(timer)
    socket.destroy()
    done(reply)
  }
  onFrames(socket, (message) => {
    if (message.length >= 2 && message.readUInt16BE(0) === query.readUInt16BE(0)) end(message)
  })
  socket.on('error', () => end(undefined))
  socket.on('close', () => end(undefined))
  socket.write(frame(query))
}
