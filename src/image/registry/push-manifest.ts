import { hexOf } from '../config/manifest.ts'
import type { ImageLayer, ImageRecord } from '../images.ts'

const docker = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar',
}
const oci = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
}

/**
 * The manifest that an image is sent with: in Docker's form, or in OCI's where a layer is packed with zstd, which
 * Docker's has no word for.
 *
 * It is written with Docker's indentation, so that an image that Docker has pushed keeps its digest.
 *
 * @param configSize  bytes of the configuration blob
 * @source distribution, "Image Manifest Version 2, Schema 2"; OCI image-spec v1.1, manifest.md
 */
export function renderPushManifest(image: ImageRecord, configSize: number): string {
  const types = image.layers.some((layer) => packing(layer) === 'zstd') ? oci : docker
  const layers = image.layers.map((layer) => ({
    mediaType: types.layer + suffix(types === oci ? '+' : '.', layer),
    size: layer.size,
    digest: layer.digest,
  }))
  const config = { mediaType: types.config, size: configSize, digest: image.id }
  return JSON.stringify({ schemaVersion: 2, mediaType: types.manifest, config, layers }, undefined, 3)
}

/** `.gzip` of Docker's types, `+gzip` of OCI's; nothing for a plain tar, which skopeo packs on its way. */
function suffix(separator: '.' | '+', layer: ImageLayer): string {
  const name = packing(layer)
  return name === '' ? '' : separator + name
}

function packing({ mediaType }: ImageLayer): string {
  return /(?:\+|\.)(gzip|zstd)$/.exec(mediaType)?.[1] ?? ''
}

/** The names under which skopeo's `dir:` keeps the blobs of an image: their digits alone. */
export function blobNames(image: ImageRecord): ReadonlyMap<string, string> {
  return new Map([image.id, ...image.layers.map(({ digest }) => digest)].map((digest) => [hexOf(digest), digest]))
}
