import { linkSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addAbortSignal, type Readable } from 'node:stream'
import { startChild } from '../../kernel/processes/child.ts'
import type { BlobStore } from '../blob-store.ts'
import { hexOf } from '../config/manifest.ts'
import type { ImageTable } from '../image-table.ts'
import type { ImageRecord } from '../images.ts'
import { isIdOf, nameOf, storedName } from '../names/find-image.ts'
import { familiarName, parseReference } from '../names/references.ts'
import type { Staging, StagingArea } from '../staging.ts'
import { PackedArchive } from './packed-archive.ts'
import { renderArchive, type SavedImage } from './render-archive.ts'

/** What saving needs. */
export interface SaveParts {
  readonly table: ImageTable
  readonly blobs: BlobStore
  readonly staging: StagingArea
}

/** The same images give the same bytes. */
const packing = ['--create', '--file=-', '--sort=name', '--numeric-owner', '--owner=0', '--group=0', '--mtime=@0']

/**
 * Packs images into one tar stream. Blobs are linked, not copied; the images may be removed while it is read.
 *
 * @param references  names, ids, or names without a tag, which mean all tags of that repository
 * @returns the images' ids, and a stream that fails when packing does; destroy it to stop
 * @throws {EngineError} `not-found`, before anything is packed
 */
export async function saveImages(
  parts: SaveParts,
  references: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly ids: readonly string[]; readonly stream: Readable }> {
  const saved = selectImages(parts, references)
  await using undo = new AsyncDisposableStack()
  const staging = undo.use(parts.staging.create('save'))
  const entries = layOut(parts, saved, staging)
  const tar = undo.use(
    startChild('tar', [...packing, `--directory=${staging.directory('archive')}`, ...entries], {
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      signal,
    }),
  )
  signal.throwIfAborted()
  const packed = new PackedArchive(tar, undo.move())
  return { ids: saved.map(({ image }) => image.id), stream: addAbortSignal(signal, packed) }
}

/** Puts the archive together in the staging; answers what lies at its top. */
function layOut({ blobs }: SaveParts, saved: readonly SavedImage[], staging: Staging): readonly string[] {
  const plan = renderArchive(saved)
  const root = staging.directory('archive')
  const hashed = staging.directory('archive/blobs/sha256')
  for (const digest of plan.blobs) linkSync(blobs.path(digest), join(hashed, hexOf(digest)))
  for (const [path, content] of plan.documents) writeFileSync(join(root, path), content)
  return readdirSync(root)
}

function selectImages({ table, blobs }: SaveParts, references: readonly string[]): readonly SavedImage[] {
  const tagsOf = new Map<ImageRecord, Set<string>>()
  for (const text of references)
    for (const { image, tag } of select(table, text)) {
      const tags = tagsOf.get(image) ?? new Set()
      tagsOf.set(image, tag === undefined ? tags : tags.add(tag))
    }
  return [...tagsOf].map(([image, tags]) => ({
    image,
    tags: [...tags],
    configSize: blobs.read(image.id).length,
  }))
}

/** A name alone means all of its tags; an id, the image without names. */
function select(
  table: ImageTable,
  text: string,
): readonly { readonly image: ImageRecord; readonly tag: string | undefined }[] {
  if (!/^sha256:|^[0-9a-f]{64}$/.test(text)) {
    const reference = parseReference(text)
    const named = table.list().flatMap((image) => image.repoTags.map((tag) => ({ image, tag })))
    const all = named.filter(({ tag }) => nameOf(tag) === familiarName(reference))
    if (reference.tag === undefined && reference.digest === undefined && all.length > 0) return all
  }
  const image = table.find(text)
  return [{ image, tag: isIdOf(image, text) ? undefined : tagNamed(image, text) }]
}

function tagNamed({ repoTags }: ImageRecord, text: string): string | undefined {
  const name = storedName(parseReference(text))
  return repoTags.includes(name) ? name : undefined
}
