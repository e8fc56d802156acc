import { rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { KernelError } from '../../base/errors.ts'
import { PortRefused } from '../ports/port-refused.ts'
import type { ReplyError, ReplyLine } from '../protocol.ts'

/** Characters of a line that does not end; no request is as long. */
const lineMax = 2 ** 24

/** Answers one request; what it returns is the reply's `ok`. */
export type LineHandler = (request: unknown) => unknown

/**
 * Answers JSON lines on a unix socket that only its owner may open.
 *
 * A bad line is answered with an error, and the connection goes on. Removes what a dead process left at `path`.
 */
export async function openLineServer(path: string, handle: LineHandler): Promise<AsyncDisposable> {
  const connections = new Set<Socket>()
  rmSync(path, { force: true })
  const server = createServer((socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
    socket.on('error', () => socket.destroy()) // the daemon has gone; it will come back
    serveLines(socket, handle)
  })
  const before = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  } finally {
    process.umask(before)
  }
  return {
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of connections) socket.destroySoon()
      await closed
    },
  }
}

function serveLines(socket: Socket, handle: LineHandler): void {
  let pending = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    const lines = (pending + chunk).split('\n')
    pending = lines.pop()!
    const replies = lines
      .filter((line) => line.trim() !== '')
      .map((line) => `${JSON.stringify(answer(line, handle))}\n`)
    if (replies.length > 0) socket.write(replies.join(''))
    if (pending.length > lineMax) socket.destroy()
  })
}

function answer(line: string, handle: LineHandler): ReplyLine {
  let seq = 0
  try {
    const request = JSON.parse(line) as { readonly seq?: unknown } | null
    if (typeof request?.seq === 'number') seq = request.seq
    return { seq, ok: handle(request) ?? {} }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { seq, error: { message, ...errnoOf(error) } }
  }
}

/** The kernel's word, whether a call of ours or one of Node's was refused. */
function errnoOf(error: unknown): Omit<ReplyError, 'message'> {
  if (error instanceof PortRefused) return { errno: error.errno, port: error.port }
  if (error instanceof KernelError) return { errno: error.errno }
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? { errno: code } : {}
}
