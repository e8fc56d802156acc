import { ApiError } from '../client/errors.ts'

/** A failure as Docker's client words it: what the daemon said is marked as the daemon's. */
export function describeFailure(error: unknown): string {
  if (error instanceof ApiError) return `Error response from daemon: ${error.message.trim()}`
  return error instanceof Error ? error.message : String(error)
}
