import { linkSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addAbortSignal, Readable } from 'node:stream'
import type { Background } from '../base/background.ts'
import { EngineError } from '../base/errors.ts'
import type { BlobStore } from './blob-store.ts'
import { type Child, startChild } from './child.ts'
import { isIdOf, nameOf, storedName } from './find-image.ts'
import type { ImageTable } from './image-table.ts'
import type { ImageRecord } from './images.ts'
import { hexOf } from './manifest.ts'
import { familiarName, parseReference } from './references.ts'
import { renderArchive, type SavedImage } from './render-archive.ts'
import type { Staging, StagingArea } from './staging.ts'

/** What saving needs. */
export interface SaveParts {
  readonly table: ImageTable
  readonly blobs: BlobStore
  readonly staging: StagingArea
  /** For what must be taken away when the stream has been read. */
  readonly background: Background
}

/** The same images give the same bytes. */
const packing = ['--create', '--file=-', '--sort=name', '--numeric-owner', '--owner=0', '--group=0', '--mtime=@0']

/**
 * Packs images into one tar stream. Blobs are linked, not copied; the images may be removed while it is read.
 *
 * @param references  names, ids, or names without a tag, which mean all tags of that repository
 * @returns a stream that fails when packing does; destroy it to stop
 * @throws {EngineError} `not-found`, before anything is packed
 */
export async function saveImages(
  parts: SaveParts,
  references: readonly string[],
  signal: AbortSignal,
): Promise<Readable> {
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
  const packed = Readable.from(readToEnd(tar), { objectMode: false })
  const cleanup = undo.move()
  // Read to its end, stopped half-way or never read: it closes, and that takes tar and the staging away.
  packed.once('close', () => parts.background.run('clean up after save', () => cleanup.disposeAsync()))
  return addAbortSignal(signal, packed)
}

async function* readToEnd(tar: Child): AsyncGenerator<Buffer> {
  yield* tar.process.stdout
  const { status, stderr } = await tar.end
  if (status !== 0) throw new EngineError('internal', `Cannot save image: ${stderr.trim() || 'tar was stopped'}`)
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
