import { Transform } from 'node:stream'
import { DetachScanner } from '../../base/detach-keys.ts'

/**
 * Hands on what a user types, up to the detach keys: then it calls `detached` and hands on nothing any more. The
 * beginning of the keys is held back until it is clear what it is.
 */
export function createDetachFilter(keys: Uint8Array, detached: () => void): Transform {
  const scanner = new DetachScanner(keys)
  let over = false
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      if (over) return next()
      const typed = scanner.feed(chunk)
      over = typed.detached
      next(undefined, typed.forward)
      if (over) detached()
    },
    flush(next) {
      next(undefined, over ? undefined : scanner.heldBack)
    },
  })
}
