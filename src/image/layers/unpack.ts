import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Child, inputOf, startChild } from '../../kernel/processes/child.ts'
import { type Compression, decompressor, detectCompression, layerMediaType, magicBytes } from './compression.ts'
import { TarScan } from './tar-scan.ts'
import { diffIdMismatch, digestMismatch, unpackFailure } from './unpack-errors.ts'
import { applyWhiteouts } from './whiteouts.ts'

/** A layer's file and what it must turn out to be. */
export interface LayerSource {
  readonly path: string
  /** Of the file as it is. */
  readonly digest?: string
  /** Of the tar inside. */
  readonly diffId?: string
}

/** What a layer turned out to be. */
export interface UnpackedLayer {
  readonly digest: string
  readonly diffId: string
  readonly mediaType: string
  /** Bytes of the file as it is. */
  readonly size: number
  /** Bytes of the files in the layer. */
  readonly unpackedSize: number
}

const readSize = 256 * 1024

/**
 * Reads a layer once: checks its digest and that of the tar inside, and unpacks it into an empty directory as overlayfs
 * wants its layers. Owners, modes, times, hard links, devices, sparse files and extended attributes are kept.
 *
 * What it leaves in `into` after a failure is the caller's to remove. Memory does not grow with the layer.
 *
 * @param into  `undefined`: check only
 * @param onRead  called with the bytes of the file read so far
 * @throws {EngineError} `internal`, in Docker's words; what `signal` aborted with
 */
export async function unpackLayer(
  source: LayerSource,
  into: string | undefined,
  options: { readonly signal: AbortSignal; readonly onRead?: (bytes: number) => void },
): Promise<UnpackedLayer> {
  const compression = await compressionOf(source.path)
  const hashes = { file: createHash('sha256'), tar: createHash('sha256') }
  const scan = new TarScan()
  await using tar = into === undefined ? undefined : startTar(into, options.signal)
  let size = 0
  const failure = await pipeline(
    createReadStream(source.path, { highWaterMark: readSize }),
    tap((chunk) => {
      hashes.file.update(chunk)
      size += chunk.length
      options.onRead?.(size)
    }),
    decompressor(compression),
    tap((chunk) => {
      hashes.tar.update(chunk)
      scan.write(chunk)
    }),
    tar ? inputOf(tar) : discard(),
    { signal: options.signal },
  ).then(
    () => undefined,
    (error: Error) => error,
  )
  const end = await tar?.end
  options.signal.throwIfAborted()
  if (failure !== undefined || (end && end.status !== 0)) throw await unpackFailure(source, failure, end)
  return finish(source, into, { hashes, scan, compression, size })
}

interface Reading {
  readonly hashes: { readonly file: Hash; readonly tar: Hash }
  readonly scan: TarScan
  readonly compression: Compression
  readonly size: number
}

async function finish(source: LayerSource, into: string | undefined, reading: Reading): Promise<UnpackedLayer> {
  const digest = `sha256:${reading.hashes.file.digest('hex')}`
  const diffId = `sha256:${reading.hashes.tar.digest('hex')}`
  if (source.digest !== undefined && digest !== source.digest) throw digestMismatch(source.digest)
  const facts = await Promise.try(() => reading.scan.end()).catch(async (cause: Error) => {
    throw await unpackFailure(source, cause, undefined)
  })
  if (source.diffId !== undefined && diffId !== source.diffId) throw diffIdMismatch(source.diffId, diffId)
  if (into !== undefined) applyWhiteouts(into, facts.whiteouts)
  const mediaType = layerMediaType(reading.compression)
  return { digest, diffId, mediaType, size: reading.size, unpackedSize: facts.bytes }
}

function startTar(into: string, signal: AbortSignal): Child {
  const child = startChild(
    'tar',
    [
      '--extract',
      '--file=-',
      `--directory=${into}`,
      '--numeric-owner',
      '--same-owner',
      '--preserve-permissions',
      '--delay-directory-restore',
      '--xattrs',
      '--xattrs-include=*',
      // A layer may not speak to overlayfs itself: these are made from its whiteouts only.
      '--xattrs-exclude=trusted.overlay.*',
      '--warning=no-timestamp',
      '--warning=no-unknown-keyword',
    ],
    { env: { PATH: process.env['PATH'], LC_ALL: 'C' }, signal },
  )
  child.process.stdout.resume()
  return child
}

function tap(look: (chunk: Buffer) => void): (source: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* (source) {
    for await (const chunk of source) {
      look(chunk)
      yield chunk
    }
  }
}

function discard(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() })
}

/** Reads the first bytes of a file, and tells its compression. */
async function compressionOf(path: string): Promise<Compression> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(magicBytes), 0, magicBytes, 0)
  return detectCompression(buffer.subarray(0, bytesRead))
}
