import { EngineError } from '../base/errors.ts'

/** Where a daemon listens. */
export type HostAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }

/** Where `wharf daemon` listens unless it is told otherwise. */
export const defaultHost = 'unix:///run/wharf.sock'

/**
 * Reads a daemon address as `-H` and `DOCKER_HOST` write it: `unix:///run/wharf.sock`, `tcp://10.0.0.1:2375`.
 *
 * @param tls  decides the port where none is named
 * @throws {EngineError} `invalid-argument` for any other scheme, and for a port that is no number
 */
export function parseHost(text: string, tls = false): HostAddress {
  const usual = tls ? 2376 : 2375
  const [, scheme, rest] = /^([a-z]+):\/\/(.+)$/.exec(text) ?? []
  if (scheme === 'unix' && rest !== undefined) return { kind: 'unix', path: rest }
  if (scheme === 'tcp' || scheme === 'http') {
    const [, host, port] = /^\[?([^\]/]+?)\]?(?::(\d+))?\/?$/.exec(rest ?? '') ?? []
    if (host !== undefined && Number(port ?? usual) < 65536) return { kind: 'tcp', host, port: Number(port ?? usual) }
  }
  throw new EngineError(
    'invalid-argument',
    `Cannot use daemon address "${text}": wharf knows unix:///PATH and tcp://HOST:PORT`,
  )
}
