import { ApiError } from '../../client/errors.ts'
import { ExitError } from '../errors.ts'
import { describeFailure } from '../failures.ts'

/**
 * What `run` and `create` say and answer when a container was not made or not started: 127 when its program is not
 * there, 126 when it may not be run, 125 for everything else.
 *
 * Only the daemon's words tell which; they are the ones that Docker's own client looks for.
 */
export function runFailure(verb: string, error: unknown): ExitError {
  if (error instanceof ExitError) return error
  const message = describeFailure(error)
  // What this side could not do ("open x: no such file or directory") says nothing about the container's program.
  const exitCode = error instanceof ApiError ? exitCodeOf(message) : 125
  return new ExitError(exitCode, `wharf: ${message}\n\nRun 'wharf ${verb} --help' for more information`)
}

/** The exit code for a container that the daemon could not start. */
export function exitCodeOf(message: string): number {
  if (/executable file not found|no such file or directory|system cannot find the file specified/.test(message))
    return 127
  return /permission denied|is a directory/.test(message) ? 126 : 125
}
