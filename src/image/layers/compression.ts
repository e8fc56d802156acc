import { Duplex, PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { EngineError } from '../../base/errors.ts'
import { inputOf, startChild } from '../../kernel/processes/child.ts'

/** How a layer or an archive is packed. */
export type Compression = 'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz'

const magics: readonly (readonly [Compression, Buffer])[] = [
  ['gzip', Buffer.from('1f8b08', 'hex')],
  ['zstd', Buffer.from('28b52ffd', 'hex')],
  ['bzip2', Buffer.from('BZh')],
  ['xz', Buffer.from('fd377a585a00', 'hex')],
]

/** How many first bytes of a stream `detectCompression` wants to see. */
export const magicBytes = 6

/** Tells the compression by the first bytes, as Docker does: names and media types lie. */
export function detectCompression(head: Buffer): Compression {
  return magics.find(([, magic]) => head.subarray(0, magic.length).equals(magic))?.[0] ?? 'none'
}

/** The OCI media type of a layer stored with that compression; xz and bzip2 have none. */
export function layerMediaType(compression: Compression): string {
  const suffix = compression === 'none' ? '' : `+${compression}`
  return `application/vnd.oci.image.layer.v1.tar${suffix}`
}

/** Big enough that the hash and the pipe get long runs, small enough to keep many layers in memory. */
const chunkSize = 256 * 1024

/** A stream that takes compressed bytes and gives plain ones. gzip and zstd in process; bzip2 and xz by their tools. */
export function decompressor(compression: Compression): Duplex {
  if (compression === 'none') return new PassThrough({ highWaterMark: chunkSize })
  if (compression === 'gzip') return createGunzip({ chunkSize })
  if (compression === 'zstd') return createZstdDecompress({ chunkSize })
  return toolDecompressor(compression)
}

function toolDecompressor(tool: 'bzip2' | 'xz'): Duplex {
  return Duplex.from(async function* (source: AsyncIterable<Buffer>) {
    await using child = startChild(tool, ['--decompress', '--stdout'])
    // The outcome of the tool says more than that of its pipes, which break when it fails.
    const fed = pipeline(source, inputOf(child)).catch(() => {})
    yield* untilBroken(child.process.stdout)
    const { status } = await child.end
    if (status !== 0) throw new EngineError('internal', `Cannot decompress with "${tool}": the data is corrupt`)
    await fed
  })
}

async function* untilBroken(stream: Readable): AsyncGenerator<Buffer> {
  try {
    yield* stream
  } catch (error) {
    if (!stream.destroyed) throw error
  }
}
