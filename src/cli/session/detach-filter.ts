import { Transform } from 'node:stream'

/** Ctrl-p, ctrl-q. */
const defaultKeys = 'ctrl-p,ctrl-q'

/**
 * Reads `--detach-keys` as the bytes that a terminal sends: `"ctrl-p,ctrl-q"` is `[16, 17]`, `""` the default.
 *
 * @throws {Error} for a key that no terminal sends
 */
export function parseDetachKeys(text: string): Uint8Array {
  const keys = (text === '' ? defaultKeys : text).split(',').map((key) => {
    const [, control] = /^ctrl-([a-z@[\\\]^_])$/i.exec(key) ?? []
    if (control !== undefined) return control.toUpperCase().charCodeAt(0) - 64
    if (key.length === 1 && key.charCodeAt(0) < 128) return key.charCodeAt(0)
    throw new Error(`invalid detach keys (${text}): "${key}" is no key`)
  })
  return Uint8Array.from(keys)
}

/**
 * Hands on what a user types, up to the detach keys: then it calls `detached` and hands on nothing any more. The
 * beginning of the keys is held back until it is clear what it is.
 */
export function createDetachFilter(keys: Uint8Array, detached: () => void): Transform {
  let matched = 0
  let done = false
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      const forward: number[] = []
      for (const byte of chunk) {
        if (done) break
        if (byte !== keys[matched]) {
          forward.push(...keys.subarray(0, matched))
          matched = 0
        }
        if (byte === keys[matched]) matched++
        else forward.push(byte)
        done = matched === keys.length
      }
      next(undefined, Buffer.from(forward))
      if (done && matched === keys.length) {
        matched = 0
        detached()
      }
    },
    flush(next) {
      next(undefined, Buffer.from(keys.subarray(0, done ? 0 : matched)))
    },
  })
}
