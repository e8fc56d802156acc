import { digestOf, parseImageConfig } from '../config/image-config.ts'
import { parseManifest } from '../config/manifest.ts'
import type { RegistryAuth, RemoteDescription } from '../images.ts'
import { parseReference, type Reference, withDefaultTag } from '../names/references.ts'
import type { StagingArea } from '../staging.ts'
import { type RegistrySettings, registrySession } from './skopeo.ts'

/** What asking needs. */
export interface AskParts {
  readonly staging: StagingArea
  readonly registries: RegistrySettings
}

/**
 * Asks a registry whether it knows a user and a password, by its own way of checking: basic, or a token server.
 *
 * @param address  `registry.test:5000`, or a URL of it; that of Docker Hub for nothing
 * @throws {EngineError} `unauthorized`, `internal` in Docker's words; what `signal` aborted with
 */
export async function logIn(
  { staging: area, registries }: AskParts,
  address: string,
  user: { readonly username: string; readonly password: string },
  signal: AbortSignal,
): Promise<void> {
  await using staging = area.create('login')
  const reference = { domain: registryOf(address), path: 'x' }
  const options = { verb: 'log in to', dir: staging.path, auth: undefined, reference, signal } as const
  await registrySession(registries, options).login(user.username, user.password)
}

/** `https://index.docker.io/v1/` is `docker.io`. @throws {EngineError} `invalid-argument` for what is no name of a host */
function registryOf(address: string): string {
  const host = address.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
  if (host === '' || host === 'index.docker.io' || host === 'registry-1.docker.io') return 'docker.io'
  const { domain } = parseReference(`${host}/x`)
  return domain
}

/**
 * What a registry has under a name: where it points to, and for which machines. No layer is fetched.
 *
 * @throws {EngineError} in Docker's words; what `signal` aborted with
 */
export async function inspectRemote(
  { staging: area, registries }: AskParts,
  text: string,
  auth: RegistryAuth | undefined,
  signal: AbortSignal,
): Promise<RemoteDescription> {
  await using staging = area.create('inspect')
  const reference: Reference = withDefaultTag(parseReference(text))
  const session = registrySession(registries, { verb: 'inspect', dir: staging.path, auth, reference, signal })
  const bytes = await session.manifest(reference)
  const document = parseManifest(bytes, `manifest of "${text}"`)
  const { mediaType = '' } = JSON.parse(bytes.toString()) as { readonly mediaType?: string }
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length }
  if (document.kind === 'index') {
    const platforms = document.entries.map(({ platform: { os = '', architecture = '', variant = '' } }) => ({
      ...{ os, architecture, variant },
    }))
    return { descriptor, platforms }
  }
  const pinned = { domain: reference.domain, path: reference.path, digest: descriptor.digest }
  const { os, architecture, variant } = parseImageConfig(await session.config(pinned), `configuration of "${text}"`)
  return { descriptor, platforms: [{ os, architecture, variant }] }
}
