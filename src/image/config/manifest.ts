import { EngineError } from '../../base/errors.ts'
import { isObject, type JsonObject, list, parseObject, text } from './json.ts'
import type { Platform } from './platform.ts'

/** Points to a blob by its digest. @source OCI image-spec v1.1, descriptor.md */
export interface Descriptor {
  readonly mediaType: string
  /** `"sha256:<64 hex>"`. */
  readonly digest: string
  /** Bytes. */
  readonly size: number
}

/** One manifest of an index, and which machines it is for. @source OCI image-spec v1.1, image-index.md */
export interface IndexEntry extends Descriptor {
  readonly platform: Partial<Platform>
  readonly annotations: Readonly<Record<string, string>>
}

/** One image: its configuration and its layers, bottom first. */
export interface Manifest {
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

/** What a registry or an archive answers for a name: one image, or one for each platform. */
export type ManifestOrIndex =
  | { readonly kind: 'index'; readonly entries: readonly IndexEntry[] }
  | { readonly kind: 'manifest'; readonly manifest: Manifest }

/**
 * Reads a manifest or an index, Docker's or OCI's.
 *
 * @throws {EngineError} `invalid-argument` for what is malformed, `not-implemented` for the schema of before 2017
 * @source OCI image-spec v1.1, manifest.md and image-index.md; distribution, "Image Manifest Version 2, Schema 2"
 */
export function parseManifest(bytes: Buffer | string, what: string): ManifestOrIndex {
  const document = parseObject(bytes, what)
  if (document['schemaVersion'] === 1)
    throw new EngineError('not-implemented', `Cannot read ${what}: manifest schema version 1 is no longer supported`)
  if (Array.isArray(document['manifests']))
    return { kind: 'index', entries: document['manifests'].map((entry) => indexEntry(entry, what)) }
  if (!isObject(document['config']) || !Array.isArray(document['layers']))
    throw new EngineError('invalid-argument', `Cannot read ${what}: it is neither a manifest nor an index`)
  const layers = document['layers'].map((layer) => descriptor(layer, what))
  return { kind: 'manifest', manifest: { config: descriptor(document['config'], what), layers } }
}

function indexEntry(value: unknown, what: string): IndexEntry {
  const entry = isObject(value) ? value : {}
  const platform: JsonObject = isObject(entry['platform']) ? entry['platform'] : {}
  const annotations = isObject(entry['annotations']) ? Object.entries(entry['annotations']) : []
  return {
    ...descriptor(entry, what),
    platform: {
      os: text(platform['os']),
      architecture: text(platform['architecture']),
      variant: text(platform['variant']),
    },
    annotations: Object.fromEntries(
      annotations.filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
    ),
  }
}

function descriptor(value: unknown, what: string): Descriptor {
  const fields = isObject(value) ? value : {}
  const { digest, size } = fields
  if (!isDigest(digest) || typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw new EngineError('invalid-argument', `Cannot read ${what}: a descriptor has no sha256 digest or no size`)
  if (list(fields['urls']).length > 0 && text(fields['mediaType']).includes('foreign'))
    throw new EngineError('not-implemented', `Cannot read ${what}: it has layers that are kept outside the registry`)
  return { mediaType: text(fields['mediaType']), digest, size }
}

/** True for `sha256:` and 64 lower-case hex digits: the only digests that this engine stores under. */
export function isDigest(value: unknown): value is string {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value)
}

/** The hex digits of a digest, which name its file. */
export function hexOf(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1)
}
