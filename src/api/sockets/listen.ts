import { chmod, mkdir, stat, unlink } from 'node:fs/promises'
import { connect, type ListenOptions, type Server } from 'node:net'
import { dirname } from 'node:path'
import { EngineError } from '../../base/errors.ts'

/**
 * Makes `server` listen on a unix socket that only root and its group may use, in place of one that a dead engine left.
 *
 * @throws {EngineError} `conflict` when a living server is there, or something that is no socket
 */
export async function listenOnUnix(server: Server, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await removeDeadSocket(path)
  // Without write permission for others nobody can connect before the mode below is set.
  await listening(server, { path, readableAll: false, writableAll: false })
  await chmod(path, 0o660)
}

/**
 * Makes `server` listen on a TCP port.
 *
 * @param address  empty: every address of this host
 * @throws {EngineError} `conflict` when somebody else does, `invalid-argument` for an address that is not this host's
 */
export async function listenOnTcp(server: Server, address: string, port: number): Promise<void> {
  try {
    await listening(server, { port, ...(address === '' ? {} : { host: address }) })
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const kind = code === 'EADDRINUSE' ? 'conflict' : 'invalid-argument'
    throw new EngineError(kind, `Cannot listen on "tcp://${address}:${port}": ${message}`, { cause })
  }
}

/** Makes `server` take connections from a socket that listens already. */
export async function listenOnDescriptor(server: Server, fd: number): Promise<void> {
  await listening(server, { fd })
}

function listening(server: Server, options: ListenOptions & { readonly fd?: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.removeListener('error', reject)
      resolve()
    })
    server.listen(options)
  })
}

async function removeDeadSocket(path: string): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (found === undefined) return
  if (!found.isSocket()) throw new EngineError('conflict', `Cannot listen on "unix://${path}": the path is a file`)
  if (await answers(path)) {
    throw new EngineError('conflict', `Cannot listen on "unix://${path}": another engine answers there`)
  }
  await unlink(path)
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
}
