import { EngineError } from '../../base/errors.ts'
import { checkPlatform } from '../config/check-platform.ts'
import { digestOf, type ImageConfig, parseImageConfig } from '../config/image-config.ts'
import { type Manifest, parseManifest } from '../config/manifest.ts'
import { choosePlatform, hostPlatform, type Platform, parsePlatform, renderPlatform } from '../config/platform.ts'
import { familiar, type Reference } from '../names/references.ts'
import type { RegistrySession } from './skopeo.ts'

/** An image in a registry, known down to its layers, none of them fetched. */
export interface RemoteImage {
  /** Of what the reference names, which may be an index of many platforms. */
  readonly digest: string
  /** The one manifest that was chosen, by its digest: what it names cannot change. */
  readonly pinned: Reference
  readonly manifest: Manifest
  readonly configBytes: Buffer
  readonly config: ImageConfig
}

/**
 * Asks a registry what a reference means on one platform. Every answer is checked against the digest that names it.
 *
 * @param platform  as the user wrote it; `undefined` means this machine's
 * @throws {EngineError} in Docker's words: unknown, denied, no such platform, not what its digest says
 */
export async function resolveRemote(
  session: RegistrySession,
  reference: Reference,
  platform: string | undefined,
): Promise<RemoteImage> {
  const wanted = platform === undefined || platform === '' ? hostPlatform() : parsePlatform(platform)
  const top = await session.manifest(reference)
  const digest = digestOf(top)
  if (reference.digest !== undefined && digest !== reference.digest) throw manifestMismatch(reference.digest)
  const pinned = { domain: reference.domain, path: reference.path }
  const document = parseManifest(top, `manifest of "${familiar(reference)}"`)
  if (document.kind === 'manifest')
    return complete(session, { reference, digest, pinned: { ...pinned, digest }, manifest: document.manifest, wanted })
  const entry = choosePlatform(document.entries, wanted)
  if (entry === undefined)
    throw new EngineError(
      'not-found',
      `no matching manifest for ${renderPlatform(wanted)} in the manifest list entries`,
    )
  const chosen = await session.manifest({ ...pinned, digest: entry.digest })
  if (digestOf(chosen) !== entry.digest) throw manifestMismatch(entry.digest)
  const inner = parseManifest(chosen, `manifest of "${familiar(reference)}"`)
  if (inner.kind === 'index')
    throw new EngineError('not-implemented', `Cannot pull "${familiar(reference)}": its index leads to an index`)
  return complete(session, {
    reference,
    digest,
    pinned: { ...pinned, digest: entry.digest },
    manifest: inner.manifest,
    wanted: undefined,
  })
}

/** @param known.wanted  platform that must agree, `undefined` where an index has already decided */
async function complete(
  session: RegistrySession,
  known: {
    readonly reference: Reference
    readonly digest: string
    readonly pinned: Reference
    readonly manifest: Manifest
    readonly wanted: Platform | undefined
  },
): Promise<RemoteImage> {
  const { reference, digest, pinned, manifest, wanted } = known
  const name = familiar(reference)
  const configBytes = await session.config(pinned)
  if (digestOf(configBytes) !== manifest.config.digest)
    throw new EngineError('internal', `image config verification failed for digest ${manifest.config.digest}`)
  const config = parseImageConfig(configBytes, `configuration of "${name}"`)
  if (config.diffIds.length !== manifest.layers.length)
    throw new EngineError('internal', "layers from manifest don't match image configuration")
  checkPlatform(config, wanted, name)
  return { digest, pinned, manifest, configBytes, config }
}

function manifestMismatch(digest: string): EngineError {
  return new EngineError('internal', `manifest verification failed for digest ${digest}`)
}
