import { startChild } from '../../kernel/processes/child.ts'
import { mortalCommand } from '../../kernel/processes/mortal-command.ts'
import type { Reference } from '../names/references.ts'
import { followChild } from './follow-child.ts'
import { type RegistryVerb, registryError, silentRegistry, tooManyRequests } from './registry-errors.ts'

/** What a registry is asked with, and for what. */
export interface SkopeoQuestion {
  /** The program. */
  readonly skopeo: string
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  /** Milliseconds after which a registry that says nothing is given up. */
  readonly silenceMs: number
  /** What the user wanted, of what, and whether by name: for the words of errors. */
  readonly verb: RegistryVerb
  readonly reference: Reference
  readonly hadAuth: boolean
}

/**
 * Asks a registry one thing, by skopeo; answers what that prints.
 *
 * @param input  for its standard input: a password
 * @throws {EngineError} in Docker's words
 */
export async function askSkopeo(
  { skopeo, env, signal, silenceMs, ...talk }: SkopeoQuestion,
  args: readonly string[],
  input?: string,
): Promise<Buffer> {
  await using child = startChild(...mortalCommand(skopeo, ['--debug', ...args]), { env, signal })
  child.process.stdin.end(input)
  const pieces: Buffer[] = []
  child.process.stdout.on('data', (piece: Buffer) => pieces.push(piece))
  let refused = false
  child.process.stderr.on('data', (text: string) => {
    refused ||= text.includes('Too many requests')
    // skopeo would try again for minutes; Docker tells at once.
    if (refused) child.process.kill('SIGKILL')
  })
  const end = await followChild(child, silenceMs, () => false)
  signal.throwIfAborted()
  if (refused) throw tooManyRequests()
  if (end.silent) throw silentRegistry(talk.verb, talk.reference, silenceMs)
  if (end.status !== 0) throw registryError(end.stderr, talk)
  return Buffer.concat(pieces)
}
