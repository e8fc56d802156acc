import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isObject, list, parseJson, text } from '../../image/config/json.ts'

/** One image in buildah's storage: a step's result, or an image that builds begin with. */
export interface StoredImage {
  /** 64 hex digits: the digest of its configuration. */
  readonly id: string
  /** It was given, not built: builds give each result a name for a moment. */
  readonly isBase: boolean
  /** Its topmost layer. */
  readonly layer: string
  /** RFC 3339. */
  readonly created: string
}

/**
 * buildah's storage, as far as it is read without buildah: what is in it.
 *
 * buildah writes these files by renames, so that each is whole whenever it is read.
 *
 * @source containers/storage, docs/containers-storage.md; images.go, layers.go
 */
export class BuildStorage {
  /** Its root directory. */
  readonly root: string

  constructor(root: string) {
    this.root = root
  }

  images(): readonly StoredImage[] {
    return this.#read('overlay-images/images.json').map((entry) => ({
      id: text(entry['id']),
      isBase: list(entry['names-history']).length === 0,
      layer: text(entry['layer']),
      created: text(entry['created']),
    }))
  }

  has(id: string): boolean {
    return existsSync(join(this.root, 'overlay-images', id)) && this.images().some((image) => image.id === id)
  }

  /** The first twelve digits of the image whose id begins with `digits`. */
  shortIdOf(digits: string): string {
    const dir = join(this.root, 'overlay-images')
    const whole = existsSync(dir) ? readdirSync(dir).find((name) => name.startsWith(digits)) : undefined
    return (whole ?? digits).slice(0, 12)
  }

  /** The configuration of an image, byte for byte: its digest is the image's id. */
  config(id: string): Buffer {
    const key = Buffer.from(`sha256:${id}`).toString('base64')
    return readFileSync(join(this.root, 'overlay-images', id, `=${key}`))
  }

  /** Bytes of the files of each layer, by its name. */
  layerSizes(): ReadonlyMap<string, number> {
    return new Map(
      this.#read('overlay-layers/layers.json').map((entry) => {
        const size = entry['diff-size']
        return [text(entry['id']), typeof size === 'number' ? size : 0]
      }),
    )
  }

  /** Working containers: those of builds under way, and of builds that were cut short. */
  containers(): readonly string[] {
    return this.#read('overlay-containers/containers.json').map((entry) => text(entry['id']))
  }

  #read(file: string) {
    const path = join(this.root, file)
    return existsSync(path) ? list(parseJson(readFileSync(path), path)).filter(isObject) : []
  }
}
