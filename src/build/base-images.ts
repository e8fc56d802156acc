import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { saysDiskFull } from '../base/disk-full.ts'
import { EngineError } from '../base/errors.ts'
import type { KeyedLock } from '../base/keyed-lock.ts'
import { parsePlatform, renderPlatform } from '../image/config/platform.ts'
import type { ImageRecord, Images } from '../image/images.ts'
import { parseReference } from '../image/names/references.ts'
import type { BuildReport, BuildRequest } from './builder.ts'
import type { BuildStorage } from './cache/storage.ts'
import type { Tools } from './tool.ts'

/** What finding the images of a build needs. */
export interface BaseParts {
  readonly images: Images
  readonly storage: BuildStorage
  readonly locks: KeyedLock
  readonly tools: Tools
  /** Of this build. */
  readonly dir: string
}

/**
 * The image that a `FROM` names: the engine's own, fetched by the engine when it is not here.
 *
 * @throws {EngineError} in Docker's words
 */
export async function findBase(
  images: Images,
  { reference, platform }: { readonly reference: string; readonly platform: string },
  { pull, credentials }: BuildRequest,
  report: BuildReport,
  signal: AbortSignal,
): Promise<ImageRecord> {
  const here = pull ? undefined : ifHere(images, reference, platform)
  if (here !== undefined) return here
  const auth = credentials.get(parseReference(reference).domain)
  const options = { ...(auth ? { auth } : {}), ...(platform === '' ? {} : { platform }) }
  // As the classic builder has it: the stream of a pull inside that of the build.
  const say = ({ status = '', id, progressDetail }: { status?: string; id?: string; progressDetail?: object }) => {
    if (progressDetail === undefined || Object.keys(progressDetail).length === 0) {
      void report.stream(`${id ? `${id}: ` : ''}${status}\n`)
    }
  }
  return images.pull(reference, options, say, signal)
}

/** An id is an image as it is; a name is one of the right platform, or none. */
function ifHere(images: Images, reference: string, platform: string): ImageRecord | undefined {
  try {
    const image = images.find(reference)
    const { os, architecture, variant } = image
    const fits =
      platform === '' || renderPlatform(parsePlatform(platform)) === renderPlatform({ os, architecture, variant })
    return fits ? image : undefined
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'not-found') return undefined
    throw error
  }
}

/**
 * Gives buildah an image of the engine, once: it is unpacked in buildah's storage, and stays there for later builds.
 *
 * @throws {EngineError} `internal` with skopeo's words
 */
export async function lendBase(parts: BaseParts, image: ImageRecord, signal: AbortSignal): Promise<void> {
  const { images, storage, locks, tools } = parts
  const hex = image.id.slice('sha256:'.length)
  using _ = await locks.acquire(`base ${hex}`, signal)
  if (storage.has(hex)) return
  using content = images.borrow(image)
  const dir = join(parts.dir, `base-${hex}`)
  layOut(dir, image, content.path)
  const target = tools.storageName(`@${hex}`)
  await using copy = tools.skopeo(['copy', '--quiet', `dir:${dir}`, target], signal)
  copy.process.stdout.resume()
  const { status, stderr } = await copy.end
  signal.throwIfAborted()
  if (status === 0) return
  const why = saysDiskFull(stderr) ? 'no space left on device' : stderr.trim().split('\n').at(-1)
  throw new EngineError('internal', `Cannot build from image ${image.id}: ${why}`)
}

/**
 * An image as skopeo's `dir:` transport reads it: a manifest, and blobs by their digits. The manifest is Docker's, since
 * OCI's loses health checks, triggers and shells.
 */
function layOut(dir: string, { id, layers }: ImageRecord, pathOf: (digest: string) => string): void {
  mkdirSync(dir, { mode: 0o700 })
  for (const digest of new Set([id, ...layers.map((layer) => layer.digest)])) {
    symlinkSync(pathOf(digest), join(dir, digest.slice('sha256:'.length)))
  }
  const docker = 'application/vnd.docker'
  const manifest = {
    schemaVersion: 2,
    mediaType: `${docker}.distribution.manifest.v2+json`,
    config: { mediaType: `${docker}.container.image.v1+json`, digest: id, size: statSync(pathOf(id)).size },
    layers: layers.map(({ digest, size, mediaType }) => {
      const packed = /\+|gzip|zstd/.test(mediaType) ? '.gzip' : ''
      return { mediaType: `${docker}.image.rootfs.diff.tar${packed}`, digest, size }
    }),
  }
  writeFileSync(join(dir, 'manifest.json'), JSON.stringify(manifest))
  writeFileSync(join(dir, 'version'), 'Directory Transport Version: 1.1\n')
}
