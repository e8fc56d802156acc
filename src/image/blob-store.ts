import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from './config/image-config.ts'
import { hexOf } from './config/manifest.ts'
import type { StagingArea } from './staging.ts'

/**
 * Blobs by digest, shared by all images: `blobs/sha256/<hex>`, as an OCI layout has them.
 *
 * Only what was verified comes in, and by a rename: a blob that is here is whole.
 */
export class BlobStore {
  /** The directory that holds the files. */
  readonly dir: string
  readonly #staging: StagingArea

  constructor(dir: string, staging: StagingArea) {
    this.dir = join(dir, 'blobs', 'sha256')
    this.#staging = staging
    mkdirSync(this.dir, { recursive: true, mode: 0o700 })
  }

  path(digest: string): string {
    return join(this.dir, hexOf(digest))
  }

  has(digest: string): boolean {
    return existsSync(this.path(digest))
  }

  read(digest: string): Buffer {
    return readFileSync(this.path(digest))
  }

  /** Moves a file in whose digest was verified; when the blob is here already, the file just goes. */
  adopt(file: string, digest: string): void {
    // A rename onto another link of the same file would do nothing.
    if (this.has(digest)) unlinkSync(file)
    else renameSync(file, this.path(digest))
  }

  /** Stores a small blob; answers its digest. */
  async put(bytes: Buffer): Promise<string> {
    const digest = digestOf(bytes)
    await using staging = this.#staging.create('blob')
    const file = join(staging.path, 'blob')
    writeFileSync(file, bytes)
    this.adopt(file, digest)
    return digest
  }

  /** Absent is success. */
  remove(digest: string): void {
    if (this.has(digest)) unlinkSync(this.path(digest))
  }

  list(): readonly string[] {
    return readdirSync(this.dir).map((hex) => `sha256:${hex}`)
  }
}
