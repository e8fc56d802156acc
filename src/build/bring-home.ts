import { writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { saysDiskFull } from '../base/disk-full.ts'
import { EngineError } from '../base/errors.ts'
import { isObject, list, parseObject, text } from '../image/config/json.ts'
import type { ImageRecord, Images } from '../image/images.ts'
import type { BuildStorage } from './cache/storage.ts'
import type { Tools } from './tool.ts'

/**
 * Brings what was built into the engine's own store: only the layers that it does not have are copied.
 *
 * @param id  64 hex digits of the image in buildah's storage; it is the same image in both
 */
export async function bringHome(
  { images, storage, tools }: { images: Images; storage: BuildStorage; tools: Tools },
  id: string,
  tags: readonly string[],
  signal: AbortSignal,
): Promise<ImageRecord> {
  const config = storage.config(id)
  const copy = async (missing: readonly string[], into: string) => {
    const blobs = join(into, 'sha256')
    await mkdir(blobs)
    // skopeo does not copy what it finds there already.
    const wanted = new Set(missing)
    for (const digest of diffIds(config).filter((one) => !wanted.has(one)))
      writeFileSync(join(blobs, hexOf(digest)), '')
    const source = tools.storageName(`@${id}`)
    const flags = ['--quiet', '--dest-oci-accept-uncompressed-layers', `--dest-shared-blob-dir=${into}`]
    await using child = tools.skopeo(['copy', ...flags, source, `oci:${join(into, 'layout')}:built`], signal)
    child.process.stdout.resume()
    const { status, stderr } = await child.end
    signal.throwIfAborted()
    if (status !== 0) throw copyFailure(stderr)
  }
  return images.absorb(config, { tags, layers: copy }, signal)
}

function diffIds(config: Buffer): readonly string[] {
  const { rootfs } = parseObject(config, 'the configuration of the image')
  return isObject(rootfs) ? list(rootfs['diff_ids']).map(text) : []
}

function hexOf(digest: string): string {
  return digest.slice('sha256:'.length)
}

function copyFailure(stderr: string): EngineError {
  const why = saysDiskFull(stderr) ? 'no space left on device' : (stderr.trim().split('\n').at(-1) ?? '')
  return new EngineError('internal', `Cannot build: ${why}`)
}
