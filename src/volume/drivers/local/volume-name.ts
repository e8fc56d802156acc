import { EngineError } from '../../../base/errors.ts'

/** The kernel takes no longer name of a file. Bytes. */
const longestName = 255

/**
 * Checks the name of a volume: it becomes the name of a directory.
 *
 * @throws {EngineError} `invalid-argument` in Docker's words
 */
export function checkVolumeName(name: string): void {
  if (name.length === 1) {
    throw refusal(name, 'volume name is too short, names should be at least two alphanumeric characters')
  }
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) {
    const allowed = 'only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed'
    const advice = 'If you intended to pass a host directory, use absolute path'
    throw refusal(
      name,
      `${JSON.stringify(name)} includes invalid characters for a local volume name, ${allowed}. ${advice}`,
    )
  }
  if (name.length > longestName) throw refusal(name, `volume name is too long, at most ${longestName} characters fit`)
}

function refusal(name: string, why: string): EngineError {
  return new EngineError('invalid-argument', `create ${name}: ${why}`)
}
