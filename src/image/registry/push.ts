import { linkSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Slots } from '../../base/slots.ts'
import type { BlobStore } from '../blob-store.ts'
import { digestOf } from '../config/image-config.ts'
import { parsePlatform } from '../config/platform.ts'
import type { ImageRecord, ProgressLine, RegistryAuth } from '../images.ts'
import { familiarName, parseReference } from '../names/references.ts'
import { layerId, progressLine, throttled } from '../progress.ts'
import { collect, contentOf, type ImageParts } from '../removal/collect.ts'
import type { Staging, StagingArea } from '../staging.ts'
import { blobNames, renderPushManifest } from './push-manifest.ts'
import { choosePushTargets, type PushTarget } from './push-targets.ts'
import { registryError, silentRegistry } from './registry-errors.ts'
import { type RegistrySession, type RegistrySettings, registrySession } from './skopeo.ts'
import { watchUpload } from './watch-upload.ts'

/** What pushing needs. */
export interface PushParts extends ImageParts {
  readonly staging: StagingArea
  readonly registries: RegistrySettings
  /** How many pushes send layers at the same time. */
  readonly uploads: Slots
}

/** One push under way. */
interface Push {
  readonly parts: PushParts
  readonly session: RegistrySession
  readonly staging: Staging
  readonly hadAuth: boolean
  readonly report: (line: ProgressLine) => void
  readonly signal: AbortSignal
}

/**
 * Sends an image, or all tags of a repository, to the registry in its name. Layers that are there are not sent.
 *
 * @param text  `localhost:5000/x:1`; without a tag all of the repository's
 * @param options.platform  what the image must be for: `linux/amd64`
 * @throws {EngineError} in Docker's words; what `signal` aborted with
 */
export async function pushImage(
  parts: PushParts,
  text: string,
  options: { readonly auth?: RegistryAuth; readonly platform?: string },
  report: (line: ProgressLine) => void,
  signal: AbortSignal,
): Promise<void> {
  const reference = parseReference(text)
  const platform = options.platform ? parsePlatform(options.platform) : undefined
  report({ status: `The push refers to repository [${reference.domain}/${reference.path}]` })
  const targets = choosePushTargets(parts.table.list(), reference, platform)
  await using undo = new AsyncDisposableStack()
  // They may be removed while they wait for their turn.
  const content = targets.flatMap(({ image }) => contentOf(image))
  undo.defer(() => collect(parts, content))
  undo.use(parts.pins.hold(content))
  const staging = undo.use(parts.staging.create('push'))
  const { auth } = options
  const dir = staging.directory('session')
  const session = registrySession(parts.registries, { verb: 'push', dir, auth, reference, signal })
  using _slot = await parts.uploads.take(signal)
  for (const target of targets)
    await send({ parts, session, staging, hadAuth: auth !== undefined, report, signal }, target)
}

async function send(push: Push, { reference, image }: PushTarget): Promise<void> {
  const { parts, staging, report } = push
  const tag = reference.tag!
  const dir = staging.directory(`image-${tag}`)
  const manifest = layOut(parts.blobs, image, dir)
  const sent = await upload(push, { reference, image }, dir)
  const bytes =
    sent === digestOf(manifest) ? Buffer.from(manifest) : await push.session.manifest({ ...reference, digest: sent })
  report({ status: `${tag}: digest: ${sent} size: ${bytes.length}` })
  report({ progressDetail: {}, aux: { Tag: tag, Digest: sent, Size: bytes.length } })
  // It may have been removed meanwhile, and then nobody wants to know.
  const known = parts.table.get(image.id)
  if (known) parts.table.put({ ...known, repoTags: [], repoDigests: [`${familiarName(reference)}@${sent}`] })
}

/** Puts the image together as skopeo's `dir:` has it. Blobs are linked: the image may be removed meanwhile. */
function layOut(blobs: BlobStore, image: ImageRecord, dir: string): string {
  for (const [name, digest] of blobNames(image)) linkSync(blobs.path(digest), join(dir, name))
  const manifest = renderPushManifest(image, blobs.read(image.id).length)
  writeFileSync(join(dir, 'manifest.json'), manifest)
  writeFileSync(join(dir, 'version'), 'Directory Transport Version: 1.1\n')
  return manifest
}

/** @returns the digest of the manifest as the registry has it: skopeo packs plain layers, and names them anew */
async function upload(push: Push, { reference, image }: PushTarget, dir: string): Promise<string> {
  const { session, hadAuth, signal, staging } = push
  const { silenceMs } = push.parts.registries
  const digestFile = join(staging.path, `digest-${reference.tag}`)
  await using child = session.upload(dir, reference, digestFile, signal)
  child.process.stdin.end()
  const end = await watchUpload(child, { dir, silenceMs }, layerReports(image, push.report))
  signal.throwIfAborted()
  if (end.silent) throw silentRegistry('push', reference, silenceMs)
  if (end.status !== 0) throw registryError(end.stderr, { verb: 'push', reference, hadAuth })
  return readFileSync(digestFile, 'utf8').trim()
}

/** Turns what happens to layers into Docker's lines; the top layer is named first, as Docker does. */
function layerReports({ layers }: ImageRecord, report: (line: ProgressLine) => void) {
  const byDigest = new Map(layers.map((layer) => [layer.digest, { ...layer, id: layerId(layer.diffId) }]))
  const say = (status: string, id: string) => report({ status, progressDetail: {}, id })
  const all = [...byDigest.values()].toReversed()
  for (const { id } of all) say('Preparing', id)
  for (const { id } of all.slice(0, -1)) say('Waiting', id)
  const pushing = throttled(100, (digest: string, bytes: number) => {
    const { id, size } = byDigest.get(digest)!
    report(progressLine('Pushing', id, Math.min(bytes, size), size))
  })
  return {
    sending: (digest: string, bytes: number) => byDigest.has(digest) && pushing(digest, bytes),
    sent: (digest: string) => byDigest.has(digest) && say('Pushed', byDigest.get(digest)!.id),
    exists(digest: string, mountedFrom: string | undefined) {
      const layer = byDigest.get(digest)
      if (layer) say(mountedFrom === undefined ? 'Layer already exists' : `Mounted from ${mountedFrom}`, layer.id)
    },
  }
}
