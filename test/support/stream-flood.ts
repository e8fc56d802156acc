import { createHash, type Hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Readable, Transform, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { eventually } from './eventually.ts'

const blockBytes = 1_048_576

/** Bytes of a process that are in memory now. @source proc(5), `VmRSS` */
export function memoryOf(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

/** What a process has read and written so far, in bytes. @source proc(5), `rchar` and `wchar` of io */
export function carriedBy(pid: number): { readonly read: number; readonly written: number } {
  const text = readFileSync(`/proc/${pid}/io`, 'utf8')
  const field = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1])
  return { read: field('rchar'), written: field('wchar') }
}

/** Waits until a number that grows has stopped growing: ten looks in a row see the same. Answers it. */
export async function standsStill(look: () => number): Promise<number> {
  let [last, same] = [Number.NaN, 0]
  await eventually(async () => {
    const now = look()
    same = now === last ? same + 1 : 0
    last = now
    return same >= 10
  }, true)
  return last
}

/** Bytes without a pattern that a mistake could follow: each block is the hash of its number, again and again. */
export function* blocks(totalBytes: number): Generator<Buffer> {
  for (let at = 0; at < totalBytes; at += blockBytes) {
    const seed = createHash('sha512').update(String(at)).digest()
    yield Buffer.alloc(Math.min(blockBytes, totalBytes - at), seed)
  }
}

/** Writes all of `source` into `sink` and ends it; answers the hash and the number of the bytes. */
export async function pour(source: Iterable<Buffer>, sink: Writable): Promise<Digest> {
  const counter = new Counter()
  await pipeline(source, counter, sink)
  return counter.digest()
}

/** Reads all of `source`; answers the hash and the number of the bytes. */
export async function drain(source: Readable): Promise<Digest> {
  const counter = new Counter()
  for await (const chunk of source) counter.count(chunk as Buffer)
  return counter.digest()
}

/** How many bytes there were, and their SHA-256. */
export interface Digest {
  readonly bytes: number
  readonly sha256: string
}

class Counter extends Transform {
  readonly #hash: Hash = createHash('sha256')
  #bytes = 0

  count(chunk: Buffer): void {
    this.#hash.update(chunk)
    this.#bytes += chunk.length
  }

  digest(): Digest {
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') }
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    this.count(chunk)
    done(null, chunk)
  }
}
