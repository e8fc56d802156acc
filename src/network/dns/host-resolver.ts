import { isIP, isIPv6 } from 'node:net'
import { EngineError, KernelError } from '../../base/errors.ts'
import type { HostAddress } from '../../resolver/protocol.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { ResolvConf } from '../sandbox/resolv-conf.ts'

const usualPort = 53

/** Reads `"127.0.0.54"`, `"127.0.0.54:5353"`, `"::1"`, `"[::1]:5353"`; undefined when it is none of them. */
export function parseHostResolver(text: string): HostAddress | undefined {
  const [, bracketed, plain, portText] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const address = isIPv6(text) ? text : (bracketed ?? plain ?? '')
  const port = portText === undefined ? usualPort : Number(portText)
  const isRight = isIP(address) !== 0 && !address.includes('%') && (bracketed === undefined || isIPv6(address))
  return isRight && port > 0 && port < 65_536 ? { address, port } : undefined
}

/** True for an address that only programs of this machine reach. */
export function isLoopback(address: string): boolean {
  return /^127\./.test(address) || address === '::1'
}

/** What the host's resolv.conf says, without ourselves: containers would ask us what we refuse to know. */
export function withoutHostResolver(host: ResolvConf, hostResolver: string): ResolvConf {
  const own = parseHostResolver(hostResolver)?.address
  if (own === undefined) return host
  return { ...host, nameservers: host.nameservers.filter((server) => server !== own) }
}

/**
 * Makes the resolver answer the host's own programs where the settings say, or nowhere.
 *
 * @throws {EngineError} `unavailable` when the address cannot be had, with what to do
 */
export async function serveHost({ config, resolver, log }: NetworkParts): Promise<void> {
  const wanted = config.hostResolver === '' ? undefined : parseHostResolver(config.hostResolver)
  try {
    await resolver.serveHost(wanted)
  } catch (cause) {
    if (!(cause instanceof KernelError)) throw cause
    const why = reasons[cause.errno] ?? cause.message
    throw new EngineError('unavailable', `Cannot answer the host's own programs on ${config.hostResolver}: ${why}`, {
      cause,
    })
  }
  if (wanted !== undefined) log.info("answers the host's own programs", { ...wanted })
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has that port (ss -lnp names it); give host-resolver another address or port',
  EADDRNOTAVAIL: 'the host has no such address; give host-resolver one of 127.0.0.0/8',
}
