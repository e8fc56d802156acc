import { isDeepStrictEqual } from 'node:util'
import { EngineError } from '../base/errors.ts'
import { options } from '../engine/options/options.ts'
import { takePassedSocket } from '../kernel/sockets/passed-sockets.ts'
import { sendUnixDatagram } from '../kernel/sockets/unix-datagram.ts'

/** The first descriptor that is handed over. @source sd_listen_fds(3) */
const firstFd = 3

/** A listening socket that was there before this process. */
export interface PassedSocket {
  readonly fd: number
  /** What the unit calls it: `"wharf.socket"`, or its FileDescriptorName. */
  readonly name: string
  readonly isUnix: boolean
}

/** What started this process, when it is systemd. */
export interface ServiceManager {
  readonly sockets: readonly PassedSocket[]
  /** Tells how far this process is: `"READY=1"`, `"STOPPING=1"`. Without systemd, nobody. @source sd_notify(3) */
  notify(state: string): void
}

/**
 * Takes what systemd gives to a service. The variables that say so leave the environment: programs that are started (the OCI
 * runtime looks for one of them) must not take it for theirs.
 *
 * @throws {KernelError} `ENOTSOCK` when what was handed over is no socket
 * @source sd_listen_fds(3), sd_notify(3)
 */
export function meetServiceManager(env: Record<string, string | undefined> = process.env): ServiceManager {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES, NOTIFY_SOCKET = '' } = env
  for (const key of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES', 'NOTIFY_SOCKET']) delete env[key]
  const count = Number(LISTEN_PID) === process.pid ? Number(LISTEN_FDS) || 0 : 0
  const names = (LISTEN_FDNAMES ?? '').split(':')
  return {
    sockets: Array.from({ length: count }, (_, index) => {
      const fd = firstFd + index
      return { fd, name: names[index] || 'unknown', ...takePassedSocket(fd) }
    }),
    notify(state) {
      if (/^[/@]/.test(NOTIFY_SOCKET)) sendUnixDatagram(NOTIFY_SOCKET, state)
    },
  }
}

/**
 * Where to listen: what systemd hands over is served too, whether or not the settings name it.
 *
 * The usual socket would be in the way of the one that systemd has opened at the same place.
 */
export function hostsWith(hosts: readonly string[], passed: readonly PassedSocket[]): readonly string[] {
  if (passed.length === 0 || hosts.some((host) => host.startsWith('fd://'))) return hosts
  return isDeepStrictEqual(hosts, options.hosts.fallback) ? ['fd://'] : [...hosts, 'fd://']
}

/**
 * The sockets that a `fd://` address means: all, or the one of that number or name.
 *
 * @throws {EngineError} `invalid-argument` when nothing like it was handed over; Docker's words where Docker has them
 */
export function choosePassedSockets(host: string, passed: readonly PassedSocket[]): readonly PassedSocket[] {
  const wanted = host.slice('fd://'.length).replace(/^\*$/, '')
  const found = wanted === '' ? passed : passed.filter(({ fd, name }) => wanted === String(fd) || wanted === name)
  if (found.length > 0) return found
  const names = passed.map(({ fd, name }) => `${fd} (${name})`).join(', ')
  const why = passed.length > 0 ? `systemd has handed over ${names}` : 'make sure the service was started by systemd'
  throw new EngineError('invalid-argument', `no sockets found via socket activation for "${host}": ${why}`)
}
