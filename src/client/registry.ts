import type { AuthAnswer, AuthConfig } from '../protocol/registry.ts'
import type { Transport } from './transport.ts'

/** Asks a registry, through the daemon, whether it knows somebody. @source Docker Engine API v1.51, SystemAuth */
export function logIn(transport: Transport, who: AuthConfig): Promise<AuthAnswer> {
  return transport.json({ method: 'POST', path: '/auth', body: who })
}
