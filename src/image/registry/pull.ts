import { EngineError } from '../../base/errors.ts'
import type { KeyedLock } from '../../base/keyed-lock.ts'
import type { Slots } from '../../base/slots.ts'
import { imageRecord } from '../config/image-config.ts'
import type { Descriptor } from '../config/manifest.ts'
import type { ImageLayer, ImageRecord, ProgressLine, RegistryAuth } from '../images.ts'
import { storedName } from '../names/find-image.ts'
import {
  canonical,
  familiar,
  familiarName,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../names/references.ts'
import { layerId } from '../progress.ts'
import { collect, type ImageParts } from '../removal/collect.ts'
import type { StagingArea } from '../staging.ts'
import { fetchLayers, type Pull } from './fetch-layers.ts'
import { type RemoteImage, resolveRemote } from './remote-image.ts'
import { type RegistrySettings, registrySession } from './skopeo.ts'

/** What pulling needs. */
export interface PullParts extends ImageParts {
  readonly staging: StagingArea
  readonly locks: KeyedLock
  readonly registries: RegistrySettings
  /** How many pulls fetch layers at the same time. */
  readonly downloads: Slots
}

/**
 * Fetches an image from its registry. Layers are unpacked as they arrive, while the others are still on their way.
 *
 * Of a pull that fails or is stopped nothing is left. Pulls of one reference run one after the other.
 *
 * @throws {EngineError} in Docker's words; what `signal` aborted with
 */
export async function pullImage(
  parts: PullParts,
  text: string,
  options: { readonly auth?: RegistryAuth; readonly platform?: string },
  report: (line: ProgressLine) => void,
  signal: AbortSignal,
): Promise<ImageRecord> {
  const reference = withDefaultTag(parseReference(text))
  signal.throwIfAborted()
  using _ = await parts.locks.acquire(`pull ${canonical(reference)}`, signal)
  await using undo = new AsyncDisposableStack()
  const staging = undo.use(parts.staging.create('pull'))
  const dir = staging.directory('session')
  const { auth } = options
  const session = registrySession(parts.registries, { verb: 'pull', dir, auth, reference, signal })
  const remote = await resolveRemote(session, reference, options.platform)
  // Not before: as long as nothing was said, clients are told by a status what is wrong.
  report({ status: `Pulling from ${reference.path}`, id: reference.digest ?? reference.tag ?? '' })
  const { manifest, config } = remote
  const content = [manifest.config.digest, ...manifest.layers.map(({ digest }) => digest), ...config.diffIds]
  undo.defer(() => collect(parts, content))
  undo.use(parts.pins.hold(content))
  const { silenceMs } = parts.registries
  const pull = { parts, session, staging, reference, hadAuth: auth !== undefined, silenceMs, report, signal }
  const layers = await ensureLayers(parts, pull, remote)
  await parts.blobs.put(remote.configBytes)
  signal.throwIfAborted()
  return record(parts, reference, remote, layers, report)
}

function record(
  { table }: PullParts,
  reference: Reference,
  remote: RemoteImage,
  layers: readonly ImageLayer[],
  report: (line: ProgressLine) => void,
): ImageRecord {
  const name = storedName(reference)
  const id = remote.manifest.config.digest
  const known = table.get(id)
  const wasThere = known !== undefined && [...known.repoTags, ...known.repoDigests].includes(name)
  const repoTags = reference.digest === undefined ? [name] : []
  const repoDigests = [`${familiarName(reference)}@${remote.digest}`]
  table.put(imageRecord(id, remote.config, layers, { repoTags, repoDigests }))
  report({ status: `Digest: ${remote.digest}` })
  const what = wasThere ? 'Image is up to date for' : 'Downloaded newer image for'
  report({ status: `Status: ${what} ${familiar(reference)}` })
  return table.find(id)
}

async function ensureLayers(parts: PullParts, pull: Pull, remote: RemoteImage): Promise<readonly ImageLayer[]> {
  const { report } = pull
  const image = parts.table.get(remote.manifest.config.digest)
  const isHere = (layer: ImageLayer) => parts.blobs.has(layer.digest) && parts.layers.isWhole(layer.diffId)
  if (image?.layers.every(isHere)) return image.layers

  const diffIdOf = new Map(remote.manifest.layers.map(({ digest }, index) => [digest, remote.config.diffIds[index]!]))
  const here = parts.table.list().flatMap(({ layers }) => layers.filter(isHere))
  const ready = new Map<string, ImageLayer>()
  for (const layer of here) if (diffIdOf.get(layer.digest) === layer.diffId) ready.set(layer.digest, layer)
  const missing = new Map<string, Descriptor>()
  for (const layer of remote.manifest.layers) {
    const exists = ready.has(layer.digest)
    report({ status: exists ? 'Already exists' : 'Pulling fs layer', progressDetail: {}, id: layerId(layer.digest) })
    if (!exists) missing.set(layer.digest, layer)
  }
  using _slot = missing.size > 0 ? await parts.downloads.take(pull.signal) : undefined
  const fetched =
    missing.size > 0 ? await fetchLayers(pull, remote, [...missing.values()], diffIdOf) : new Map<string, ImageLayer>()
  return remote.manifest.layers.map(({ digest }, index) => {
    const layer = ready.get(digest) ?? fetched.get(digest)
    if (layer === undefined || layer.diffId !== remote.config.diffIds[index])
      throw new EngineError('internal', "layers from manifest don't match image configuration")
    return layer
  })
}
