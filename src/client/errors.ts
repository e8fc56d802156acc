import { EngineError, type ErrorKind, httpStatus } from '../base/errors.ts'

/** An answer of the daemon with a status of 400 or more. The message is the daemon's own. */
export class ApiError extends EngineError {
  readonly status: number

  constructor(status: number, message: string) {
    super(kindOf(status), message)
    this.status = status
  }
}

/** Nobody answers where the daemon should be. */
export class ConnectionError extends EngineError {
  constructor(message: string, options?: ErrorOptions) {
    super('unavailable', message, options)
  }
}

function kindOf(status: number): ErrorKind {
  const known = Object.entries(httpStatus).find(([, code]) => code === status)
  return known === undefined ? (status < 500 ? 'invalid-argument' : 'internal') : (known[0] as ErrorKind)
}
