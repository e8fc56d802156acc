import { isIP } from 'node:net'
import { EngineError } from '../../base/errors.ts'

/** Where to listen. */
export type ListenAddress =
  | { readonly kind: 'unix'; readonly path: string }
  /** An empty address is every one of this host. */
  | { readonly kind: 'tcp'; readonly address: string; readonly port: number }

/** Docker's ports, with TLS and without. */
const ports = { tls: 2376, plain: 2375 } as const

/**
 * Reads `unix:///PATH`, `tcp://ADDRESS:PORT`, `tcp://[ADDRESS]:PORT`, `tcp://:PORT`. Names are not looked up.
 *
 * @param tls  whether TCP is TLS: it decides the port where none is named
 * @throws {EngineError} `invalid-argument` for everything else
 */
export function parseListenAddress(host: string, tls: boolean): ListenAddress {
  const refuse = (why: string): never => {
    throw new EngineError('invalid-argument', `Cannot listen on "${host}": ${why}`)
  }
  const [, scheme, rest = ''] = /^([a-z]+):\/\/(.*)$/.exec(host) ?? []
  if (scheme === 'unix' && rest.startsWith('/')) return { kind: 'unix', path: rest }
  if (scheme !== 'tcp') return refuse('it must be unix:// and an absolute path, tcp://ADDRESS:PORT or fd://')
  const [, inner, plain = inner, port] =
    /^(?:\[([^\]]*)\]|([^:/]*))(?::(\d+))?\/?$/.exec(rest) ?? refuse('it must be tcp://ADDRESS:PORT')
  const address = plain === 'localhost' ? '127.0.0.1' : (plain ?? '')
  const number = Number(port ?? (tls ? ports.tls : ports.plain))
  if (address !== '' && isIP(address) === 0) refuse(`"${address}" is no IP address`)
  if (number > 65_535) refuse('there is no such port')
  return { kind: 'tcp', address, port: number }
}
