import { mkdirSync, mkdtempSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** A directory for work that is not finished; leaving its scope removes it with all that is in it. */
export interface Staging extends AsyncDisposable {
  readonly path: string
  /** An empty directory inside, with the modes that the root of a layer has by default. */
  directory(name: string): string
}

/** Where unfinished work lies, on the same file system as the finished, so that a rename finishes it. */
export class StagingArea {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
    mkdirSync(dir, { recursive: true, mode: 0o700 })
  }

  /** @param purpose  begins the directory's name: `pull` */
  create(purpose: string): Staging {
    const path = mkdtempSync(join(this.#dir, `${purpose}-`))
    return {
      path,
      directory(name) {
        const inside = join(path, name)
        mkdirSync(inside, { recursive: true, mode: 0o755 })
        return inside
      },
      [Symbol.asyncDispose]: () => removeTree(path),
    }
  }

  /** Removes what a dead engine left. */
  async sweep(): Promise<readonly string[]> {
    const left = await readdir(this.#dir)
    for (const name of left) await removeTree(join(this.#dir, name))
    return left
  }
}

/** Removes a directory with all that is in it; absent is success. */
export async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 2 })
}
