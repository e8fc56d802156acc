import { existsSync, linkSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import type { BlobStore } from '../blob-store.ts'
import { type Descriptor, hexOf } from '../config/manifest.ts'
import type { ImageLayer, ProgressLine } from '../images.ts'
import type { LayerStore } from '../layers/layer-store.ts'
import { familiar, type Reference } from '../names/references.ts'
import { layerId, progressLine, throttled } from '../progress.ts'
import type { Staging } from '../staging.ts'
import { TaskGroup } from '../task-group.ts'
import { registryError, silentRegistry } from './registry-errors.ts'
import type { RemoteImage } from './remote-image.ts'
import type { RegistrySession } from './skopeo.ts'
import { watchDownload } from './watch-download.ts'

/** One pull under way. */
export interface Pull {
  readonly parts: { readonly blobs: BlobStore; readonly layers: LayerStore }
  readonly session: RegistrySession
  readonly staging: Staging
  readonly reference: Reference
  readonly hadAuth: boolean
  /** Milliseconds after which a registry that sends nothing is given up. */
  readonly silenceMs: number
  readonly report: (line: ProgressLine) => void
  readonly signal: AbortSignal
}

/**
 * Downloads the missing layers of an image and unpacks each as soon as it is here, while the others still come.
 *
 * @param diffIdOf  what the tar of each layer must hash to, by the layer's digest
 * @returns the layers by digest
 * @throws {EngineError} the first failure, in Docker's words, when everything has stopped
 */
export async function fetchLayers(
  pull: Pull,
  remote: RemoteImage,
  missing: readonly Descriptor[],
  diffIdOf: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, ImageLayer>> {
  const { parts, staging, report } = pull
  const blobs = staging.directory('blobs')
  const place = (digest: string) => join(staging.directory('blobs/sha256'), hexOf(digest))
  for (const { digest } of remote.manifest.layers)
    if (!missing.some((layer) => layer.digest === digest)) linkOnce(parts.blobs.path(digest), place(digest))

  const fetched = new Map<string, ImageLayer>()
  const group = new TaskGroup(pull.signal)
  const unpack = async (layer: Descriptor) => {
    const { digest } = layer
    const id = layerId(digest)
    const onRead = throttled(100, (bytes: number) => report(progressLine('Extracting', id, bytes, layer.size)))
    const source = { path: place(digest), digest, diffId: diffIdOf.get(digest)! }
    const unpacked = await parts.layers.ensure(source, { signal: group.signal, onRead })
    parts.blobs.adopt(source.path, digest)
    fetched.set(digest, { ...unpacked, mediaType: layer.mediaType || unpacked.mediaType })
    report({ status: 'Pull complete', progressDetail: {}, id })
  }
  group.run(() =>
    download(pull, remote.pinned, { blobs, missing, signal: group.signal }, (layer) => group.run(() => unpack(layer))),
  )
  await group.settle()
  return fetched
}

async function download(
  { session, staging, reference, hadAuth, silenceMs, report }: Pull,
  pinned: Reference,
  work: { readonly blobs: string; readonly missing: readonly Descriptor[]; readonly signal: AbortSignal },
  arrived: (layer: Descriptor) => void,
): Promise<void> {
  const places = { layout: join(staging.path, 'layout'), blobs: work.blobs }
  const largest = Math.max(...work.missing.map(({ size }) => size))
  await using child = session.download(pinned, places, largest, work.signal)
  const reporters = new Map(work.missing.map((layer) => [layer.digest, growth(layer, report)]))
  const waiting = new Set(work.missing.map(({ digest }) => digest))
  const watched = { places, wanted: work.missing, silenceMs }
  const { status, stderr, silent } = await watchDownload(child, watched, {
    grown: (layer, bytes) => reporters.get(layer.digest)!(bytes),
    whole(layer) {
      waiting.delete(layer.digest)
      const id = layerId(layer.digest)
      report({ status: 'Verifying Checksum', progressDetail: {}, id })
      report({ status: 'Download complete', progressDetail: {}, id })
      arrived(layer)
    },
  })
  work.signal.throwIfAborted()
  if (silent) throw silentRegistry('pull', reference, silenceMs)
  if (status !== 0) throw registryError(stderr, { verb: 'pull', reference, hadAuth })
  if (waiting.size > 0)
    throw new EngineError('internal', `Cannot pull "${familiar(reference)}": ${waiting.size} layers did not arrive`)
}

/** Reports growth at most ten times a second, and never backwards. */
function growth(layer: Descriptor, report: (line: ProgressLine) => void): (bytes: number) => void {
  let most = 0
  const say = throttled(100, () => report(progressLine('Downloading', layerId(layer.digest), most, layer.size)))
  return (bytes) => {
    if (bytes <= most) return
    most = bytes
    say()
  }
}

/** A layer may be in an image twice. */
function linkOnce(from: string, to: string): void {
  if (!existsSync(to)) linkSync(from, to)
}
