import { chmod, mkdir, stat, unlink } from 'node:fs/promises'
import { connect, type Server } from 'node:net'
import { dirname } from 'node:path'
import { EngineError } from '../base/errors.ts'

/**
 * The path of a `unix://` address.
 *
 * @throws {EngineError} `invalid-argument` for every other address: anybody who reaches a TCP port would be root
 */
export function unixPathOf(host: string): string {
  if (host.startsWith('tcp://')) {
    throw new EngineError(
      'invalid-argument',
      `Cannot listen on "${host}": TCP needs TLS with client certificates, which Wharf does not have yet`,
    )
  }
  const path = host.startsWith('unix://') ? host.slice('unix://'.length) : ''
  if (!path.startsWith('/')) {
    throw new EngineError('invalid-argument', `Cannot listen on "${host}": it must be unix:// and an absolute path`)
  }
  return path
}

/**
 * Makes `server` listen on a unix socket that only root and its group may use, in place of one that a dead engine left.
 *
 * @throws {EngineError} `conflict` when a living server is there, or something that is no socket
 */
export async function listenOnUnix(server: Server, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await removeDeadSocket(path)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    // Without write permission for others nobody can connect before the mode below is set.
    server.listen({ path, readableAll: false, writableAll: false }, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
  await chmod(path, 0o660)
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
