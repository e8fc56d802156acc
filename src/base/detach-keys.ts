import { EngineError } from './errors.ts'

/** Ctrl-p, ctrl-q: what Docker's terminals let go with. */
const defaultKeys = Uint8Array.of(16, 17)

/**
 * Reads `"ctrl-p,ctrl-q"` as the bytes that a terminal sends for it; `""` means the default.
 *
 * @throws {EngineError} `invalid-argument`
 */
export function parseDetachKeys(text: string): Uint8Array {
  if (text === '') return defaultKeys
  const bytes = text.split(',').map(byteOf)
  if (bytes.includes(undefined)) throw new EngineError('invalid-argument', `Invalid detach keys (${text}) provided`)
  return Uint8Array.from(bytes as number[])
}

function byteOf(key: string): number | undefined {
  const control = /^ctrl-([a-z@[\\\]^_])$/.exec(key.toLowerCase())
  if (control) return control[1]!.toUpperCase().charCodeAt(0) - 64 // ctrl-@ is 0, ctrl-a is 1, …
  return key.length === 1 && key.charCodeAt(0) < 128 ? key.charCodeAt(0) : undefined
}

/** What to do with bytes that a user typed. */
export interface Typed {
  /** For the process. */
  readonly forward: Uint8Array
  /** The detach keys were typed: nothing after them counts. */
  readonly detached: boolean
}

/** Looks for the detach keys in what a user types; holds back what may be their beginning. */
export class DetachScanner {
  readonly #keys: Uint8Array
  /** How many of the keys have been typed, and are held back. */
  #matched = 0

  constructor(keys: Uint8Array) {
    this.#keys = keys
  }

  /** The beginning of the keys, when that is what was typed last. */
  get heldBack(): Uint8Array {
    return this.#keys.subarray(0, this.#matched)
  }

  feed(bytes: Uint8Array): Typed {
    if (this.#matched === 0 && !bytes.includes(this.#keys[0]!)) return { forward: bytes, detached: false }
    const forward: number[] = []
    for (const byte of bytes) {
      if (byte !== this.#keys[this.#matched]) {
        forward.push(...this.heldBack)
        this.#matched = 0
      }
      if (byte === this.#keys[this.#matched]) this.#matched++
      else forward.push(byte)
      if (this.#matched === this.#keys.length) return { forward: Uint8Array.from(forward), detached: true }
    }
    return { forward: Uint8Array.from(forward), detached: false }
  }
}
