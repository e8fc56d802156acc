import { EngineError } from '../../base/errors.ts'
import { familiar, familiarName, type Reference } from '../names/references.ts'

/** What is being done with a registry. */
export type RegistryVerb = 'pull' | 'push' | 'log in to' | 'inspect'

/** Whose conversation failed. */
export interface Conversation {
  readonly verb: RegistryVerb
  readonly reference: Reference
  /** A user and a password, or a token, were given. */
  readonly hadAuth: boolean
}

interface Rule {
  readonly pattern: RegExp
  error(match: RegExpExecArray, talk: Conversation, stderr: string): EngineError
}

const denied = 'denied: requested access to the resource is denied'

const rules: readonly Rule[] = [
  {
    pattern: /no space left on device/,
    error: (_, talk) => failure(talk, 'no space left on device'),
  },
  {
    pattern: /file too large|SIGXFSZ/,
    error: (_, talk) => failure(talk, 'a layer is larger than its manifest says'),
  },
  {
    pattern: /Digest did not match, expected (sha256:[0-9a-f]{64})/,
    error: ([, digest]) => new EngineError('internal', `filesystem layer verification failed for digest ${digest}`),
  },
  {
    pattern: /manifest unknown/,
    error: (_, { reference }) =>
      new EngineError('not-found', `manifest for ${familiar(reference)} not found: manifest unknown: manifest unknown`),
  },
  {
    pattern: /name unknown|repository name not known|fetching tags list: invalid status code from registry 404/,
    error: (_, { reference }) =>
      new EngineError(
        'not-found',
        `repository ${familiarName(reference)} not found: name unknown: repository name not known to registry`,
      ),
  },
  {
    pattern: /toomanyrequests|too many requests/i,
    error: () => tooManyRequests(),
  },
  {
    pattern: /unauthorized|authentication required|denied|invalid username\/password|StatusCode: 40[13]/i,
    error: (_, talk, stderr) => refusal(talk, stderr),
  },
  {
    pattern: /(?:Get|Head|Post|Patch|Put) ".*/s,
    error: ([words]) => new EngineError('internal', words.trim()),
  },
]

/** Who asked is not known, or may not do it. */
function refusal({ verb, reference, hadAuth }: Conversation, stderr: string): EngineError {
  if (verb === 'log in to') {
    const asked = /Ping (https?:\/\/[^ ]+) status/.exec(stderr)?.[1] ?? `https://${reference.domain}/v2/`
    return new EngineError('unauthorized', `Get "${asked}": unauthorized: authentication required`)
  }
  if (hadAuth && !/denied/.test(fatalMessage(stderr)))
    return new EngineError('internal', 'unauthorized: authentication required')
  if (verb === 'push') {
    // A registry with tokens gives one to nobody in particular too, and denies later.
    const hasTokens = hadAuth || /GET https?:\/\/[^"]*[?&]scope=/.test(stderr)
    return new EngineError('internal', hasTokens ? denied : 'no basic auth credentials')
  }
  return new EngineError(
    'not-found',
    `pull access denied for ${familiarName(reference)}, repository does not exist or may require 'docker login': ${denied}`,
  )
}

/**
 * What a failed conversation with a registry means, in the words of Docker's engine.
 *
 * @param stderr  what skopeo said: the last line of level `fatal` counts
 */
export function registryError(stderr: string, talk: Conversation): EngineError {
  const words = fatalMessage(stderr)
  for (const { pattern, error } of rules) {
    const match = pattern.exec(words)
    if (match) return error(match, talk, stderr)
  }
  return failure(talk, words || 'skopeo gave no reason')
}

/** A registry that wants to be left alone for a while. */
export function tooManyRequests(): EngineError {
  return new EngineError('internal', 'toomanyrequests: You have reached a limit of the registry')
}

/** A registry that keeps a connection open and sends nothing on it. */
export function silentRegistry(verb: RegistryVerb, reference: Reference, silenceMs: number): EngineError {
  return failure({ verb, reference }, `the registry has sent nothing for ${silenceMs / 1000} seconds`)
}

function failure({ verb, reference }: Pick<Conversation, 'verb' | 'reference'>, why: string): EngineError {
  const what = verb === 'log in to' ? reference.domain : familiar(reference)
  return new EngineError('internal', `Cannot ${verb} "${what}": ${why}`)
}

/** The text of skopeo's last `level=fatal msg="…"`, without the quoting. */
function fatalMessage(stderr: string): string {
  const line = stderr.split('\n').findLast((text) => text.includes('level=fatal'))
  const quoted = line && /msg=("(?:[^"\\]|\\.)*")/.exec(line)?.[1]
  if (quoted === undefined || quoted === '') return lastWords(stderr)
  const text = unquote(quoted)
  return text.replace(/^Error (?:parsing|reading) .*?"docker:\/\/[^"]*": /, '')
}

/** What was said last that is not there for programmers only. */
function lastWords(stderr: string): string {
  const lines = stderr.trim().split('\n')
  return lines.findLast((line) => !/level=(?:debug|info)/.test(line)) ?? ''
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
