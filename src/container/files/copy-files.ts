import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { EngineError } from '../../base/errors.ts'
import { peekCompression } from '../../image/archive/peek.ts'
import { type Compression, decompressor } from '../../image/layers/compression.ts'
import { createPipe } from '../../kernel/descriptors.ts'
import type { ContainerParts } from '../container-parts.ts'
import type { ContainerRecord } from '../model.ts'
import { recordedMounts } from '../mounts/recorded-mounts.ts'
import type { FoundPath, UnpackOptions } from './job.ts'
import { packedStream, pipeBytes } from './packed-stream.ts'
import { Patience } from './patience.ts'
import { planView } from './plan-view.ts'

/** A path of a container, and an archive of what it leads to. */
export interface PackedPath {
  readonly found: FoundPath
  /** Fails when packing does; destroy it to stop. */
  readonly content: Readable
}

/**
 * Looks at a path in a container.
 *
 * @throws {EngineError} `not-found` `Could not find the file x in container y`
 */
export async function statContainerPath(parts: ContainerParts, ref: string, path: string): Promise<FoundPath> {
  await using planned = await planView(parts, ref, 'read')
  const { promise, resolve } = Promise.withResolvers<FoundPath>()
  await parts.files.run({ kind: 'stat', view: planned.view, path }, resolve).catch(unlessMissing(ref, path))
  return promise
}

/** Packs what a path in a container leads to. @throws {EngineError} as `statContainerPath` */
export async function packContainerPath(parts: ContainerParts, ref: string, path: string): Promise<PackedPath> {
  const record = parts.table.find(ref)
  const planned = await planView(parts, record.id, 'read')
  const { promise, resolve, reject } = Promise.withResolvers<FoundPath>()
  const content = await packedStream(planned, (outputFd) => {
    const work = parts.files.run({ kind: 'pack', view: planned.view, path, outputFd }, resolve)
    work.catch(reject)
    return work
  })
  try {
    const found = await promise
    parts.publish('archive-path', record)
    return { found, content }
  } catch (error) {
    content.destroy()
    return unlessMissing(ref, path)(error)
  }
}

/** How an archive is put into a container. */
export interface CopyOptions {
  readonly noOverwriteDirNonDir: boolean
  /** Give what is copied to the container's user. */
  readonly copyUidGid: boolean
}

/**
 * Unpacks an archive, compressed or not, into a directory of a container.
 *
 * @throws {EngineError} `not-found`, `invalid-argument`, `forbidden`, in Docker's words
 */
export async function unpackToContainer(
  parts: ContainerParts,
  ref: string,
  path: string,
  archive: Readable,
  options: CopyOptions,
  signal: AbortSignal,
): Promise<void> {
  const record = parts.table.find(ref)
  // Before anything is held: the client may take its time.
  const { compression, stream } = await peekCompression(archive, signal)
  await using planned = await planView(parts, record.id, 'write')
  const pipe = createPipe(pipeBytes)
  const sink = new Socket({ fd: pipe.writeFd, readable: false, writable: true })
  sink.on('error', () => {}) // once more, when all of its listeners are gone: bytes are still on their way
  const job = { kind: 'unpack', view: planned.view, path, inputFd: pipe.readFd } as const
  using patience = new Patience(stream, planned.view.kind === 'private' ? stallMs : undefined)
  const fed = feed(stream, compression, sink, AbortSignal.any([signal, patience.signal]))
  fed.catch(() => {}) // looked at when the thread has spoken
  try {
    await parts.files.run({ ...job, options: unpackOptions(record, options) })
    await fed
  } catch (error) {
    signal.throwIfAborted()
    patience.signal.throwIfAborted()
    return unlessMissing(ref, path)(error)
  } finally {
    sink.destroy()
    await fed.catch(() => {}) // what the thread says tells more than that its pipe broke
    stream.resume() // the client reads the answer when it has sent all
  }
  parts.publish('extract-to-dir', record)
}

/** How long a client may send nothing while the container cannot be started because of it. */
const stallMs = 120_000

/** Copies all of a stream; it is left open when the copying fails, so that its sender can still be told why. */
async function feed(source: Readable, compression: Compression, sink: Socket, signal: AbortSignal): Promise<void> {
  const through = compression === 'none' ? undefined : decompressor(compression)
  const first = through ?? sink
  const cut = () => void (source.readableEnded || first.destroy(new Error('the archive was cut')))
  source.once('close', cut)
  source.pipe(first)
  try {
    await (through ? pipeline(through, sink, { signal }) : finished(sink, { readable: false, signal }))
  } finally {
    source.removeListener('close', cut)
    source.unpipe(first)
  }
}

function unpackOptions(record: ContainerRecord, options: CopyOptions): UnpackOptions {
  const { config, hostConfig } = record
  const memory = Object.keys(hostConfig.Tmpfs ?? {}).map((target) => ({ target, readOnly: false }))
  return {
    noOverwriteDirNonDir: options.noOverwriteDirNonDir,
    owner: options.copyUidGid ? config.User || undefined : undefined,
    readOnlyRoot: hostConfig.ReadonlyRootfs ?? false,
    mounted: [...recordedMounts(record).map(({ target, readOnly }) => ({ target, readOnly })), ...memory],
  }
}

function unlessMissing(ref: string, path: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof EngineError && error.kind === 'not-found')) throw error
    throw new EngineError('not-found', `Could not find the file ${path} in container ${ref}`, { cause: error })
  }
}
