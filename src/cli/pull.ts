import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { pullImage } from '../client/images.ts'
import type { Transport } from '../client/transport.ts'
import { printProgress } from './progress.ts'
import { parseReference, registryOf, withDefaultTag } from './reference.ts'

/** What to fetch, and where to say how it goes. */
export interface PullRequest {
  readonly image: string
  /** Every tag of the repository. */
  readonly all?: boolean
  /** `""`: the daemon's own. */
  readonly platform?: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Missing: nothing is said. */
  readonly output: Writable | undefined
}

/** Fetches an image. @throws {ExitError} 1 with the registry's words */
export async function pull(transport: Transport, { image, all, platform, env, output }: PullRequest): Promise<void> {
  const { name, tag, digest } = parseReference(all ? image : withDefaultTag(image))
  const query = { fromImage: name, tag: all ? undefined : digest || tag, platform: platform || undefined }
  await printProgress(pullImage(transport, query, credentials(registryOf(name), env)), output)
}

const dockerHub = 'https://index.docker.io/v1/'

/** What `docker login` left for a registry in `~/.docker/config.json`, as the header that the daemon reads. */
function credentials(registry: string, env: PullRequest['env']): string | undefined {
  const path = join(env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker'), 'config.json')
  const auths = readAuths(path)
  const entry = auths[registry === 'docker.io' ? dockerHub : registry]
  if (entry?.auth === undefined && entry?.identitytoken === undefined) return undefined
  const [username, ...password] = Buffer.from(entry.auth ?? '', 'base64')
    .toString('utf8')
    .split(':')
  const found = { username, password: password.join(':'), identitytoken: entry.identitytoken, serveraddress: registry }
  return Buffer.from(JSON.stringify(found)).toString('base64url')
}

type Auths = Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>

function readAuths(path: string): Auths {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { readonly auths?: Auths }).auths ?? {}
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new Error(`Cannot read "${path}": ${(error as Error).message}`, { cause: error })
  }
}
