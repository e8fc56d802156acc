import type { Writable } from 'node:stream'
import { pullImage } from '../client/images.ts'
import type { Transport } from '../client/transport.ts'
import { printProgress } from './progress.ts'
import { parseReference, registryOf, withDefaultTag } from './reference.ts'
import type { Environment } from './registry/config-file.ts'
import { credentialsHeader } from './registry/credentials.ts'

/** What to fetch, and where to say how it goes. */
export interface PullRequest {
  readonly image: string
  /** Every tag of the repository. */
  readonly all?: boolean
  /** `""`: the daemon's own. */
  readonly platform?: string
  readonly env: Environment
  /** Missing: nothing is said. */
  readonly output: Writable | undefined
}

/** Fetches an image. @throws {ExitError} 1 with the registry's words */
export async function pull(transport: Transport, { image, all, platform, env, output }: PullRequest): Promise<void> {
  const { name, tag, digest } = parseReference(all ? image : withDefaultTag(image))
  const query = { fromImage: name, tag: all ? undefined : digest || tag, platform: platform || undefined }
  const auth = await credentialsHeader(registryOf(name), env)
  await printProgress(pullImage(transport, query, auth), output)
}
