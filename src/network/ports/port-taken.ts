import { EngineError, isErrno } from '../../base/errors.ts'
import { PortRefused } from '../../resolver/ports/port-refused.ts'
import type { PublishedPort } from '../model.ts'
import { anyAddress } from './any-address.ts'
import { socketText } from './port-plan.ts'

const wordsOfErrno: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EPROTONOSUPPORT: 'protocol not supported',
  EMFILE: 'too many open files',
}

/** This host port cannot be had; another may. */
export class PortTaken extends EngineError {
  constructor(message: string, options?: ErrorOptions) {
    super('internal', message, options)
  }
}

/** Why a port cannot be held, in Docker's words; what Docker has no words for stays as it is. */
export function failureToBind({ protocol, hostAddress, hostPort }: PublishedPort, cause: unknown): unknown {
  if (!isErrno(cause, ...Object.keys(wordsOfErrno))) return cause
  const where = `${socketText(hostAddress, hostPort)}/${protocol}`
  return new PortTaken(`failed to bind host port ${where}: ${wordsOfErrno[cause.errno]}`, { cause })
}

/** A host that has no IPv6 at all. */
export function isMissingIPv6(error: unknown): boolean {
  return (
    error instanceof PortRefused &&
    error.port.hostAddress === anyAddress.ipv6 &&
    isErrno(error, 'EAFNOSUPPORT', 'EADDRNOTAVAIL')
  )
}
