import { parseListenAddress } from '../api/sockets/listen-address.ts'
import { checkGuard, type Guard } from '../api/sockets/tls.ts'
import type { EngineConfig } from '../engine/config.ts'

/** How the settings guard the API on TCP. What lets everybody in must have been said aloud. Pure. */
export function guardOf({ tls, tlsVerify, tlsCaCert, tlsCert, tlsKey }: EngineConfig): Guard {
  const files = { caFile: tlsCaCert, certFile: tlsCert, keyFile: tlsKey }
  if (tlsVerify !== undefined) return { kind: 'tls', verify: tlsVerify, ...files }
  if (tls === false) return { kind: 'none' }
  const whoever = 'whoever reaches it is root of this host'
  const why = tls
    ? `${whoever} unless clients need certificates: set tlsverify, or tlsverify=false if that is meant`
    : `${whoever}: set tlsverify with tlscacert, tlscert and tlskey, or tls=false if that is meant`
  return { kind: 'unsaid', why }
}

/**
 * Looks at addresses and certificates before anything is started.
 *
 * @throws {EngineError} `invalid-argument` for an address that cannot be, TCP that is not guarded, unreadable certificates
 */
export function checkHosts(config: EngineConfig): void {
  const guard = guardOf(config)
  for (const host of config.hosts) {
    if (host.startsWith('fd://')) continue // what it is only systemd knows
    if (parseListenAddress(host, guard.kind === 'tls').kind === 'tcp') checkGuard(host, guard)
  }
}
