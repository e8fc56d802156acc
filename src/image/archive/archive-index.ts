import { EngineError } from '../../base/errors.ts'
import { isObject, list, parseJson, strings, text } from '../config/json.ts'
import { hexOf, type IndexEntry, type Manifest, parseManifest } from '../config/manifest.ts'
import { choosePlatform, hostPlatform } from '../config/platform.ts'
import { storedName } from '../names/find-image.ts'
import { parseReference } from '../names/references.ts'

/** One image of an archive: paths inside the archive, digests where the archive tells them. */
export interface ArchiveImage {
  readonly config: ArchiveFile
  /** Bottom first. */
  readonly layers: readonly ArchiveFile[]
  /** `busybox:latest`; none for an image that was saved by its id. */
  readonly tags: readonly string[]
}

/** A file of the archive, by its path in it. */
export interface ArchiveFile {
  readonly path: string
  readonly digest?: string
}

/** Reads a small file of the archive; `undefined` when it is not there. */
export type ReadFile = (path: string) => Buffer | undefined

/**
 * Lists the images of an archive, whichever of the two forms it has; `manifest.json` counts where there are both.
 *
 * @throws {EngineError} `invalid-argument` when it is neither, or malformed
 * @source Docker image specification v1.2, "Combined Image JSON + Filesystem Changeset Format"; OCI image-spec v1.1, image-layout.md
 */
export function readArchiveIndex(read: ReadFile): readonly ArchiveImage[] {
  const dockerIndex = read('manifest.json')
  if (dockerIndex) return list(parseJson(dockerIndex, 'manifest.json')).map(dockerImage)
  const ociIndex = read('index.json')
  if (ociIndex) return ociImages(ociIndex, read)
  throw new EngineError('invalid-argument', 'Cannot load image: the archive has no manifest.json and no index.json')
}

function dockerImage(value: unknown): ArchiveImage {
  const entry = isObject(value) ? value : {}
  const config = text(entry['Config'])
  const layers = strings(entry['Layers'])
  if (config === '' || layers === undefined)
    throw new EngineError('invalid-argument', 'Cannot read manifest.json: an image has no "Config" or no "Layers"')
  return {
    config: { path: config },
    layers: layers.map((path) => ({ path })),
    tags: (strings(entry['RepoTags']) ?? []).map((tag) => storedName(parseReference(tag))),
  }
}

function ociImages(index: Buffer, read: ReadFile): readonly ArchiveImage[] {
  const document = parseManifest(index, 'index.json')
  if (document.kind === 'manifest') throw new EngineError('invalid-argument', 'Cannot read index.json: it is no index')
  const images = new Map<string, ArchiveImage>()
  for (const entry of document.entries) {
    const manifest = manifestOf(entry, read)
    const known = images.get(manifest.config.digest)
    images.set(manifest.config.digest, {
      config: blob(manifest.config.digest),
      layers: manifest.layers.map(({ digest }) => blob(digest)),
      tags: [...new Set([...(known?.tags ?? []), ...tagsOf(entry)])],
    })
  }
  return [...images.values()]
}

/** @param depth  of indexes inside of indexes: one is in use, more is an attack */
function manifestOf(entry: IndexEntry, read: ReadFile, depth = 0): Manifest {
  const bytes = read(blob(entry.digest).path)
  if (bytes === undefined || depth > 2)
    throw new EngineError('invalid-argument', `Cannot load image: the archive lacks ${entry.digest}`)
  const document = parseManifest(bytes, entry.digest)
  if (document.kind === 'manifest') return document.manifest
  const chosen = choosePlatform(document.entries, hostPlatform()) ?? document.entries[0]
  if (chosen === undefined) throw new EngineError('invalid-argument', `Cannot load image: ${entry.digest} is empty`)
  return manifestOf(chosen, read, depth + 1)
}

function tagsOf({ annotations }: IndexEntry): readonly string[] {
  const name = annotations['io.containerd.image.name']
  const ref = annotations['org.opencontainers.image.ref.name']
  // A bare tag ("latest") names no image; tools that put a whole name here always have a slash or a colon in it.
  const chosen = name ?? (ref !== undefined && /[:/]/.test(ref) ? ref : undefined)
  return chosen === undefined ? [] : [storedName(parseReference(chosen))]
}

function blob(digest: string): { readonly path: string; readonly digest: string } {
  return { path: `blobs/sha256/${hexOf(digest)}`, digest }
}
