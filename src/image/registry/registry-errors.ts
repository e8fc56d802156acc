import { EngineError } from '../../base/errors.ts'
import { familiar, familiarName, type Reference } from '../references.ts'

interface Rule {
  readonly pattern: RegExp
  error(match: RegExpExecArray, reference: Reference, hadAuth: boolean): EngineError
}

const denied = 'denied: requested access to the resource is denied'

const rules: readonly Rule[] = [
  {
    pattern: /no space left on device/,
    error: (_, reference) =>
      new EngineError('internal', `Cannot pull "${familiar(reference)}": no space left on device`),
  },
  {
    pattern: /Digest did not match, expected (sha256:[0-9a-f]{64})/,
    error: ([, digest]) => new EngineError('internal', `filesystem layer verification failed for digest ${digest}`),
  },
  {
    pattern: /manifest unknown/,
    error: (_, reference) =>
      new EngineError('not-found', `manifest for ${familiar(reference)} not found: manifest unknown: manifest unknown`),
  },
  {
    pattern: /name unknown|repository name not known/,
    error: (_, reference) =>
      new EngineError(
        'not-found',
        `repository ${familiarName(reference)} not found: name unknown: repository name not known to registry`,
      ),
  },
  {
    pattern: /unauthorized|authentication required|denied|invalid username\/password|StatusCode: 40[13]/i,
    error: (_, reference, hadAuth) =>
      hadAuth
        ? new EngineError('internal', 'unauthorized: authentication required')
        : new EngineError(
            'not-found',
            `pull access denied for ${familiarName(reference)}, repository does not exist or may require 'docker login': ${denied}`,
          ),
  },
  {
    pattern: /(?:Get|Head|Post) ".*/s,
    error: ([words]) => new EngineError('internal', words.trim()),
  },
]

/**
 * What a failed conversation with a registry means, in the words of Docker's engine.
 *
 * @param stderr  what skopeo said: the last line of level `fatal` counts
 * @param hadAuth  whether a user and a password were given
 */
export function registryError(stderr: string, reference: Reference, hadAuth: boolean): EngineError {
  const words = fatalMessage(stderr)
  for (const { pattern, error } of rules) {
    const match = pattern.exec(words)
    if (match) return error(match, reference, hadAuth)
  }
  return new EngineError('internal', `Cannot pull "${familiar(reference)}": ${words || 'skopeo gave no reason'}`)
}

/** The text of skopeo's last `level=fatal msg="…"`, without the quoting. */
function fatalMessage(stderr: string): string {
  const line = stderr.split('\n').findLast((text) => text.includes('level=fatal'))
  const quoted = line && /msg=("(?:[^"\\]|\\.)*")/.exec(line)?.[1]
  if (quoted === undefined || quoted === '') return stderr.trim().split('\n').at(-1) ?? ''
  const text = unquote(quoted)
  return text.replace(/^Error (?:parsing|reading) .*?"docker:\/\/[^"]*": /, '')
}

/** Go quotes like JSON but for `\x..`, which a message in ASCII does not have. */
function unquote(quoted: string): string {
  try {
    return String(JSON.parse(quoted))
  } catch (error) {
    if (error instanceof SyntaxError) return quoted.slice(1, -1)
    throw error
  }
}
