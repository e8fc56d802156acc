import { EngineError } from '../../base/errors.ts'

/**
 * Why etcd did not do what it was asked.
 *
 * `unreachable`: nobody answered in time, or the member has no leader; another try may succeed. `garbage`: something
 * answered that is not etcd. `refused`: etcd said no, and will say so again. `compacted`: the history that was asked for is gone.
 */
export type EtcdFault = 'unreachable' | 'garbage' | 'refused' | 'compacted'

/** A call to etcd that failed. */
export class EtcdError extends EngineError {
  readonly fault: EtcdFault
  /** gRPC's status code when etcd said one, else -1. */
  readonly code: number

  constructor(fault: EtcdFault, message: string, { code = -1, cause }: { code?: number; cause?: unknown } = {}) {
    super('unavailable', message, { cause })
    this.fault = fault
    this.code = code
  }
}

/** gRPC codes after which another member, or a later try, may do better. @source grpc, doc/statuscodes.md */
const passing: ReadonlySet<number> = new Set([
  1, // CANCELLED
  4, // DEADLINE_EXCEEDED
  8, // RESOURCE_EXHAUSTED: too many requests; a full disk too, which is told apart
  13, // INTERNAL
  14, // UNAVAILABLE: no leader, leader changed, timed out
])

/** What an answer with an error in it means. @param member who said it */
export function faultOf(member: string, code: number, message: string): EtcdError {
  const text = `${member}: ${message}`
  if (code === 11 && message.includes('compacted')) return new EtcdError('compacted', text, { code })
  const isPassing = passing.has(code) && !message.includes('database space exceeded')
  return new EtcdError(isPassing ? 'unreachable' : 'refused', text, { code })
}

/** True for the answers that a new token may cure. */
export function isStaleToken(error: unknown): boolean {
  if (!(error instanceof EtcdError)) return false
  return error.code === 16 || /invalid auth token|revision of auth store is old/.test(error.message)
}

/** True when there is no such lease: it ran out, or etcd's data is another's. */
export function isLeaseNotFound(error: unknown): boolean {
  return error instanceof EtcdError && error.code === 5
}
