import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { EngineError } from '../base/errors.ts'

/** How a client proves who it is, and whom it believes. PEM. */
export interface ClientTls {
  /** Whom the daemon's certificate must be signed by; undefined: the system's authorities. */
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
  /** False: whoever answers is believed. */
  readonly verify: boolean
}

/** What the command line says; empty paths are the usual ones. */
export interface TlsFlags {
  readonly tls: boolean
  readonly verify: boolean
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
}

/**
 * TLS as flags and environment ask for it, in Docker's way; undefined when they do not.
 *
 * @throws {EngineError} `invalid-argument` for a file that was named, or is needed, and cannot be read
 * @source docker(1): `DOCKER_TLS_VERIFY`, `DOCKER_TLS`, `DOCKER_CERT_PATH`
 */
export function clientTls(flags: TlsFlags, env: Readonly<Record<string, string | undefined>>): ClientTls | undefined {
  const verify = flags.verify || (env['DOCKER_TLS_VERIFY'] ?? '') !== ''
  const named = [flags.caFile, flags.certFile, flags.keyFile].some((file) => file !== '')
  if (!verify && !flags.tls && !named && (env['DOCKER_TLS'] ?? '') === '') return undefined
  const dir = env['DOCKER_CERT_PATH'] || env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker')
  const read = (file: string, usual: string) => readPem(file === '' ? join(dir, usual) : file, file !== '')
  return {
    ca: read(flags.caFile, 'ca.pem'),
    cert: read(flags.certFile, 'cert.pem'),
    key: read(flags.keyFile, 'key.pem'),
    verify,
  }
}

/** @returns undefined for a file that is not there and need not be */
function readPem(path: string, isNamed: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if (!isNamed && (cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new EngineError('invalid-argument', `Cannot read the certificates: ${(cause as Error).message}`, { cause })
  }
}
