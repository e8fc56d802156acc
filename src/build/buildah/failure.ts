import { saysDiskFull } from '../../base/disk-full.ts'
import { EngineError } from '../../base/errors.ts'
import { jsonWords, parseDockerfile } from '../dockerfile/parse.ts'
import type { LastWords } from './error-output.ts'

/** A command of a build that failed; Docker tells its exit code apart from the words. */
export class CommandError extends EngineError {
  readonly code: number

  constructor(code: number, message: string) {
    super('internal', message)
    this.code = code
  }
}

/**
 * Says in Docker's words why a build failed. Pure.
 *
 * @param step  the instruction under way: `"RUN false"`
 * @param shell  what runs the shell form
 */
export function buildFailure({ words, fault }: LastWords, step: string, shell: readonly string[]): EngineError {
  const why = withoutStep(words)
  if (saysDiskFull(why)) return new EngineError('internal', 'Cannot build: no space left on device')
  const [, status] = /(?:^|: )while running runtime: exit status (\d+)$/.exec(why) ?? []
  const [keyword = ''] = step.split(/\s/, 1)
  if (status !== undefined && keyword.toUpperCase() === 'RUN') {
    if (fault !== undefined) return new EngineError('internal', `failed to create task for container: ${fault}`)
    return new CommandError(
      Number(status),
      `The command '${commandOf(step, shell)}' returned a non-zero code: ${status}`,
    )
  }
  if (['COPY', 'ADD'].includes(keyword.toUpperCase())) return copyFailure(keyword.toUpperCase(), why)
  return new EngineError('internal', why === '' ? 'Cannot build: buildah ended without a word' : why)
}

/** `Error: building at STEP "…": why`, without what the client sees anyway. */
function withoutStep(words: string): string {
  const [, why] = /^Error: building at STEP "(?:[^"\\]|\\.)*": (.*)$/s.exec(words) ?? []
  return (why ?? words.replace(/^Error: /, '')).trim()
}

function commandOf(step: string, shell: readonly string[]): string {
  const [instruction] = parseDockerfile(step).instructions
  const words = instruction?.words ?? ''
  return (jsonWords(words) ?? [...shell, words]).join(' ')
}

function copyFailure(keyword: string, why: string): EngineError {
  const [, missing] = /copier: stat: "\/?([^"]*)": no such file or directory/.exec(why) ?? []
  if (missing !== undefined) {
    const found = `file not found in build context or excluded by .dockerignore: stat ${missing}: file does not exist`
    return new EngineError('internal', `${keyword} failed: ${found}`)
  }
  if (/no items matching glob/.test(why))
    return new EngineError('internal', `${keyword} failed: no source files were specified`)
  return new EngineError('internal', `${keyword} failed: ${why}`)
}
