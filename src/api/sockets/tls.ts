import { readFileSync } from 'node:fs'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { EngineError } from '../../base/errors.ts'

/** What guards the API on TCP. Files are PEM. */
export type Guard =
  | {
      readonly kind: 'tls'
      /** True: a client needs a certificate that is signed by one of `caFile`. */
      readonly verify: boolean
      readonly caFile: string
      readonly certFile: string
      readonly keyFile: string
    }
  /** Whoever reaches the port is root. */
  | { readonly kind: 'none' }
  /** Nobody has said how TCP is to be guarded. */
  | { readonly kind: 'unsaid'; readonly why: string }

/**
 * Reads certificates and key.
 *
 * @throws {EngineError} `invalid-argument` naming the file, or saying why they do not fit together; Docker's words
 */
export function readCertificates(guard: Guard & { readonly kind: 'tls' }): SecureContextOptions {
  const pair = `Could not load X509 key pair (cert: ${JSON.stringify(guard.certFile)}, key: ${JSON.stringify(guard.keyFile)})`
  const cert = readPem(guard.certFile, pair)
  const key = readPem(guard.keyFile, pair)
  const ca = guard.verify
    ? readPem(guard.caFile, `could not read CA certificate ${JSON.stringify(guard.caFile)}`)
    : undefined
  const options: SecureContextOptions = { cert, key, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) }
  try {
    createSecureContext(options)
  } catch (cause) {
    throw new EngineError('invalid-argument', `${pair}: ${(cause as Error).message}`, { cause })
  }
  return options
}

/** @throws {EngineError} `invalid-argument` when TCP is not guarded, or certificates cannot be read */
export function checkGuard(host: string, guard: Guard): void {
  if (guard.kind === 'unsaid') throw new EngineError('invalid-argument', `Cannot listen on "${host}": ${guard.why}`)
  if (guard.kind === 'tls') readCertificates(guard)
}

function readPem(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new EngineError('invalid-argument', `${what}: ${(cause as Error).message}`, { cause })
  }
}
