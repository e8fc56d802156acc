import { EngineError } from '../../base/errors.ts'

const createPrefix =
  'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: ' +
  'unable to start container process: error during container init: '

/**
 * What a runtime said when it could not make a container, in the words that Docker's clients look for.
 *
 * A command that cannot be run is the user's mistake (`invalid-argument`); everything else is `internal`.
 *
 * @param said     the runtime's standard error
 * @param command  first word of the container's command
 */
export function createError(said: string, command: string): EngineError {
  const text = said.trim()
  const reason = commandProblem(text, command)
  if (reason !== undefined) return new EngineError('invalid-argument', `${createPrefix}${reason}: unknown`)
  return new EngineError(
    'internal',
    `failed to create task for container: failed to create shim task: OCI runtime create failed: ${text || 'no reason given'}: unknown`,
  )
}

/** The sentence for a command that cannot be run; undefined when the runtime speaks of something else. */
function commandProblem(said: string, command: string): string | undefined {
  if (/executable file .* not found/.test(said)) {
    if (!command.includes('/')) return `exec: "${command}": executable file not found in $PATH`
    return `exec: "${command}": stat ${command}: no such file or directory`
  }
  // crun's words for a directory, and for a file without the x bit.
  if (/open executable: Operation not permitted/.test(said)) return `exec: "${command}": is a directory`
  if (/open executable: Permission denied|exec.*: [Pp]ermission denied/.test(said)) {
    return `exec: "${command}": permission denied`
  }
  if (/[Ee]xec format error/.test(said)) return `exec ${command}: exec format error`
  const chdir = /chdir [^:]*: (.*)/.exec(said)?.[1]
  return chdir === undefined ? undefined : `chdir to cwd set in config.json failed: ${chdir.toLowerCase()}`
}
