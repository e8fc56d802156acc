import { execFile } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { connect, isIP } from 'node:net'
import { EngineError } from '../../../base/errors.ts'
import { mortalCommand } from '../../../kernel/processes/mortal-command.ts'
import { serverAddress, withoutPassword } from './local-options.ts'

/** A file server that does not answer for so long is not there. The kernel itself would wait for minutes. */
const serverMs = 5_000
const mountMs = 30_000
/** Where file servers listen, by type of file system. */
const serverPorts: Readonly<Record<string, number>> = { nfs: 2049, nfs4: 2049, cifs: 445 }

/**
 * Mounts what the options of a volume say at `target`.
 *
 * @throws {EngineError} `internal` with Docker's beginning and the reason; never with a password
 * @source mount(8): `-i` calls no helper of a file system, `-c` takes paths as they are
 */
export async function mountDevice(options: Readonly<Record<string, string>>, target: string): Promise<void> {
  const { type = '', device = '', o = '' } = options
  const failed = (why: string): EngineError => {
    const what = `mount ${device}:${target}${o === '' ? '' : `, data: ${withoutPassword(o)}`}`
    return new EngineError(
      'internal',
      `error while mounting volume '${target}': failed to mount local volume: ${what}: ${why}`,
    )
  }
  const resolved = await resolveServer(type, o, failed)
  const words = ['-i', '-c', '-n', '-t', type || 'none', ...(resolved === '' ? [] : ['-o', resolved])]
  await new Promise<void>((resolve, reject) => {
    const env = { PATH: process.env['PATH'], LC_ALL: 'C' }
    execFile(
      ...mortalCommand('mount', [...words, '--', device, target]),
      { env, timeout: mountMs, killSignal: 'SIGKILL' },
      (error, _, said) => {
        if (error === null) resolve()
        else if (error.killed) reject(failed('connection timed out'))
        else reject(failed(reasonOf(said) || error.message))
      },
    )
  })
}

/** `"mount: /target: wrong fs type, …"` without what is known anyway. */
function reasonOf(said: string): string {
  const [line = ''] = said.trim().split('\n')
  const reason = line.replace(/^mount: (\/[^:]*: )?/, '').replace(/\.$/, '')
  if (/^(special device|mount point) .* does not exist$/.test(reason)) return 'no such file or directory'
  return reason.replace(/^unknown filesystem type .*$/, 'no such device')
}

/** The options with the server's name made an address, as the kernel wants it. A server that is away is found out here. */
async function resolveServer(type: string, options: string, failed: (why: string) => EngineError): Promise<string> {
  const usualPort = serverPorts[type]
  const server = serverAddress(options)
  if (usualPort === undefined || server === '') return options
  const address = isIP(server) === 0 ? await addressOf(server) : server
  const port = Number(/(?:^|,)port=(\d+)/.exec(options)?.[1] ?? usualPort)
  if (!/(^|,)(proto=udp|udp)(,|$)/.test(options)) await reach(address, port, failed)
  return options.replace(`addr=${server}`, `addr=${address}`)
}

async function addressOf(server: string): Promise<string> {
  try {
    return (await lookup(server)).address
  } catch (cause) {
    throw new EngineError(
      'internal',
      `error resolving passed in network volume address: lookup ${server}: no such host`,
      {
        cause,
      },
    )
  }
}

async function reach(host: string, port: number, failed: (why: string) => EngineError): Promise<void> {
  const socket = connect({ host, port })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(serverMs) })
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException
    throw failed(
      name === 'AbortError' ? 'connection timed out' : code === 'ECONNREFUSED' ? 'connection refused' : String(code),
    )
  } finally {
    socket.destroy()
  }
}
