import { digestOf } from '../config/image-config.ts'
import { hexOf } from '../config/manifest.ts'
import type { ImageLayer, ImageRecord } from '../images.ts'
import { canonical, parseReference } from '../names/references.ts'

/** An image to be saved, and the names it is saved under. */
export interface SavedImage {
  readonly image: ImageRecord
  readonly tags: readonly string[]
  /** Bytes of its configuration blob. */
  readonly configSize: number
}

/** What an archive is made of. */
export interface ArchivePlan {
  /** Documents to write: content by path. */
  readonly documents: ReadonlyMap<string, string>
  /** Blobs to take from the store. */
  readonly blobs: readonly string[]
}

const ociManifest = 'application/vnd.oci.image.manifest.v1+json'
const ociConfig = 'application/vnd.oci.image.config.v1+json'

/**
 * Plans one archive that both Docker (`manifest.json`, `repositories`) and OCI tools (`index.json`) read; the blobs lie
 * in it once.
 *
 * @source Docker image specification v1.2; OCI image-spec v1.1, image-layout.md and annotations.md
 */
export function renderArchive(saved: readonly SavedImage[]): ArchivePlan {
  const documents = new Map<string, string>()
  const manifests = saved.flatMap(({ image, tags, configSize }) => {
    const manifest = renderManifest(image, configSize)
    const digest = digestOf(manifest)
    documents.set(blobPath(digest), manifest)
    const entry = { mediaType: ociManifest, digest, size: Buffer.byteLength(manifest) }
    const platform = {
      architecture: image.architecture,
      os: image.os,
      ...(image.variant && { variant: image.variant }),
    }
    return tags.length === 0
      ? [{ ...entry, platform }]
      : tags.map((tag) => ({ ...entry, annotations: annotations(tag), platform }))
  })
  documents.set('index.json', JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests }))
  documents.set('oci-layout', JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  documents.set('manifest.json', JSON.stringify(saved.map(dockerEntry)))
  const repositories = renderRepositories(saved)
  if (Object.keys(repositories).length > 0) documents.set('repositories', JSON.stringify(repositories))
  const blobs = new Set(saved.flatMap(({ image }) => [image.id, ...image.layers.map(({ digest }) => digest)]))
  return { documents, blobs: [...blobs] }
}

const ociIndex = 'application/vnd.oci.image.index.v1+json'

function renderManifest(image: ImageRecord, configSize: number): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: ociManifest,
    config: { mediaType: ociConfig, digest: image.id, size: configSize },
    layers: image.layers.map(({ mediaType, digest, size }) => ({ mediaType: ociLayer(mediaType), digest, size })),
  })
}

/** OCI's name for a layer that came with Docker's. */
function ociLayer(mediaType: string): string {
  const compression = /(?:\+|\.)(gzip|zstd)$/.exec(mediaType)?.[1]
  return `application/vnd.oci.image.layer.v1.tar${compression === undefined ? '' : `+${compression}`}`
}

function annotations(tag: string): Readonly<Record<string, string>> {
  const reference = parseReference(tag)
  return {
    'io.containerd.image.name': canonical(reference),
    'org.opencontainers.image.ref.name': reference.tag ?? '',
  }
}

function dockerEntry({ image, tags }: SavedImage): object {
  return {
    Config: blobPath(image.id),
    RepoTags: tags.length === 0 ? null : tags,
    Layers: image.layers.map(({ digest }) => blobPath(digest)),
    LayerSources: Object.fromEntries(image.layers.map((layer) => [layer.diffId, layerSource(layer)])),
  }
}

function layerSource({ mediaType, digest, size }: ImageLayer): object {
  return { mediaType: ociLayer(mediaType), size, digest }
}

/** The oldest form of names: by repository, by tag, the top layer. */
function renderRepositories(saved: readonly SavedImage[]): Record<string, Record<string, string>> {
  const repositories: Record<string, Record<string, string>> = {}
  for (const { image, tags } of saved) {
    const top = image.layers.at(-1)
    for (const tag of tags) {
      const colon = tag.lastIndexOf(':')
      const name = tag.slice(0, colon)
      repositories[name] = { ...repositories[name], [tag.slice(colon + 1)]: hexOf(top?.digest ?? image.id) }
    }
  }
  return repositories
}

function blobPath(digest: string): string {
  return `blobs/sha256/${hexOf(digest)}`
}
