import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { namingFullDisk } from '../base/disk-full.ts'
import { EngineError } from '../base/errors.ts'
import { KeyedLock } from '../base/keyed-lock.ts'
import type { Log } from '../base/log.ts'
import { Slots } from '../base/slots.ts'
import type { Store } from '../store/store.ts'
import { absorbImage } from './archive/absorb.ts'
import { commitImage } from './archive/commit-image.ts'
import { importRootfs } from './archive/import-rootfs.ts'
import { loadImages } from './archive/load.ts'
import { saveImages } from './archive/save.ts'
import { BlobStore } from './blob-store.ts'
import { ImageTable } from './image-table.ts'
import type { ImageRecord, Images } from './images.ts'
import { LayerStore } from './layers/layer-store.ts'
import { familiar, parseReference, withDefaultTag } from './names/references.ts'
import { type ImageListener, openRegistries } from './open-registries.ts'
import type { PullParts } from './registry/pull.ts'
import type { PushParts } from './registry/push.ts'
import type { RegistrySettings } from './registry/skopeo.ts'
import { collectAll, contentOf } from './removal/collect.ts'
import { Pins } from './removal/pins.ts'
import { removeImage } from './removal/remove-image.ts'
import { StagingArea } from './staging.ts'

/** What the image store is built from. */
export interface ImagesOptions {
  readonly store: Store
  /** Its own directory, made when missing. Keep the path short: mount options name the layers by it. */
  readonly dir: string
  readonly log: Log
  readonly onEvent?: ImageListener
  /** The program; found by `PATH` when it is a bare name. */
  readonly skopeo?: string
  /** Registries besides those of loopback that may be spoken to without TLS: names, or blocks of addresses. */
  readonly insecureRegistries?: () => readonly string[]
  /** URLs that Docker Hub's images are looked for at first. */
  readonly registryMirrors?: () => readonly string[]
  /** A directory by registry: `<registryCertificates>/<host:port>/{*.crt,*.cert,*.key}`. */
  readonly registryCertificates?: string
  /** How many pulls fetch layers, and how many pushes send them, at the same time. */
  readonly maxDownloads?: () => number
  readonly maxUploads?: () => number
  /** Milliseconds after which a registry that sends nothing is given up. */
  readonly silenceMs?: number
}

type Parts = PullParts & PushParts

/**
 * Opens the image store. Call `recover` before anything else uses it.
 *
 * ```
 * <dir>/blobs/sha256/<hex>   configurations and layers as they were fetched, verified
 * <dir>/layers/<12 digits>   layers unpacked, for overlay's lowerdir
 * <dir>/notes/               what skopeo knows of layers in registries; may be lost
 * <dir>/tmp/                 work under way; what is there at the start is a dead engine's
 * ```
 */
export function openImages(options: ImagesOptions): Images {
  const parts = buildParts(options)
  const tell = options.onEvent ?? (() => {})
  return {
    ...queries(parts, tell),
    ...transfers(parts, tell),
    ...openRegistries(parts, tell),
    recover: () => recover(parts, options.log),
  }
}

function buildParts(options: ImagesOptions): Parts {
  const { store, dir, maxDownloads = () => 3, maxUploads = () => 5 } = options
  mkdirSync(dir, { recursive: true, mode: 0o711 })
  const staging = new StagingArea(`${dir}/tmp`)
  const locks = new KeyedLock()
  const atOnce = Math.max(2, availableParallelism())
  return {
    table: new ImageTable(store),
    blobs: new BlobStore(dir, staging),
    layers: new LayerStore({ dir, staging, records: store.collection('layer'), locks, slots: new Slots(() => atOnce) }),
    pins: new Pins(),
    staging,
    locks,
    registries: registrySettings(options),
    downloads: new Slots(maxDownloads),
    uploads: new Slots(maxUploads),
  }
}

function registrySettings(options: ImagesOptions): RegistrySettings {
  const notes = `${options.dir}/notes`
  mkdirSync(notes, { recursive: true, mode: 0o700 })
  return {
    skopeo: options.skopeo ?? 'skopeo',
    insecureRegistries: options.insecureRegistries ?? (() => []),
    registryMirrors: options.registryMirrors ?? (() => []),
    certificates: options.registryCertificates ?? '/etc/docker/certs.d',
    notes,
    silenceMs: options.silenceMs ?? 300_000,
  }
}

function queries(
  parts: Parts,
  tell: ImageListener,
): Pick<Images, 'find' | 'list' | 'tag' | 'remove' | 'layerDirs' | 'borrow'> {
  const { table } = parts
  return {
    find: (reference) => table.find(reference),
    list: () => table.list(),
    tag(reference, target) {
      const image = table.find(reference)
      const name = withDefaultTag(parseReference(target))
      if (name.digest !== undefined)
        throw new EngineError('invalid-argument', 'refusing to create a tag with a digest reference')
      table.put({ ...image, repoTags: [familiar(name)], repoDigests: [] })
      tell('tag', image.id, { name: familiar(name) })
    },
    async remove(reference, { force }, inUse) {
      const { id } = table.find(reference)
      const done = await removeImage(parts, reference, force, inUse)
      for (const { Untagged, Deleted } of done) {
        if (Untagged !== undefined) tell('untag', id, { name: id })
        if (Deleted === id) tell('delete', id, { name: id })
      }
      return done
    },
    layerDirs: (image) => layerDirs(parts, image),
    borrow(image) {
      const held = parts.pins.hold(contentOf(image))
      return { path: (digest) => parts.blobs.path(digest), [Symbol.dispose]: () => held[Symbol.dispose]() }
    },
  }
}

function transfers(
  parts: Parts,
  tell: ImageListener,
): Pick<Images, 'importRootfs' | 'commit' | 'load' | 'save' | 'absorb'> {
  return {
    async importRootfs(tar, options, signal) {
      const image = await namingFullDisk('import image', () => importRootfs(parts, tar, options, signal))
      tell('import', image.id, { name: image.id })
      return image
    },
    async commit(layer, options, signal) {
      const image = await namingFullDisk('commit container', () => commitImage(parts, layer, options, signal))
      for (const name of image.given) tell('tag', image.record.id, { name })
      return image.record
    },
    async load(archive, report, signal) {
      const images = await namingFullDisk('load image', () => loadImages(parts, archive, report, signal))
      for (const { id } of images) tell('load', id, { name: id })
      return images.flatMap(({ id, repoTags }) => (repoTags.length > 0 ? repoTags : [id]))
    },
    async absorb(config, made, signal) {
      const image = await namingFullDisk('build image', () => absorbImage(parts, config, made, signal))
      for (const tag of made.tags) {
        tell('tag', image.id, { name: familiar(withDefaultTag(parseReference(tag))) })
      }
      return image
    },
    async save(references, signal) {
      const { ids, stream } = await namingFullDisk('save image', () => saveImages(parts, references, signal))
      for (const id of ids) tell('save', id, { name: id })
      return stream
    },
  }
}

/** @throws {EngineError} `internal` when a layer is gone and its blob too */
async function layerDirs({ layers, blobs }: Parts, image: ImageRecord): Promise<readonly string[]> {
  const signal = new AbortController().signal
  for (const { digest, diffId } of image.layers)
    if (!layers.isWhole(diffId)) await layers.ensure({ path: blobs.path(digest), digest, diffId }, { signal })
  const topFirst = image.layers.map(({ diffId }) => layers.path(layers.find(diffId)!)).toReversed()
  // overlayfs refuses a directory that it has already. What a layer says counts from its topmost place alone.
  return [...new Set(topFirst)]
}

async function recover(parts: Parts, log: Log): Promise<void> {
  const unfinished = await parts.staging.sweep()
  const nameless = await parts.layers.sweep()
  await collectAll(parts)
  if (unfinished.length + nameless.length > 0)
    log.info('interrupted image work is swept', { unfinished: unfinished.length, layers: nameless.length })
}
