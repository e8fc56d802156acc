import { spawn } from 'node:child_process'
import { Duplex, PassThrough } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { EngineError } from '../base/errors.ts'

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
  const child = spawn(tool, ['--decompress', '--stdout'], { stdio: ['pipe', 'pipe', 'ignore'] })
  // The types of Node know this form with web streams only; node:stream documents it for its own.
  const pair: unknown = { writable: child.stdin, readable: child.stdout }
  const duplex = Duplex.from(pair as Promise<unknown>)
  const give = (why: string) => duplex.destroy(new EngineError('internal', `Cannot decompress with "${tool}": ${why}`))
  child.on('error', (error) => give(error.message))
  child.on('exit', (status) => {
    if (status !== 0) give('the data is corrupt')
  })
  duplex.on('close', () => child.kill('SIGKILL'))
  return duplex
}
