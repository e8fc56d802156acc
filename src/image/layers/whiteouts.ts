import { lstatSync, rmSync, type Stats, unlinkSync } from 'node:fs'
import { EngineError } from '../../base/errors.ts'
import { keepingTimes, makeWhiteout, markOpaque } from '../../kernel/files/overlay-marks.ts'

const prefix = '.wh.'
const opaque = '.wh..wh..opq'
/** Names that aufs kept for itself; old images carry them by accident. */
const aufsPrefix = '.wh..wh.'

/**
 * Turns the whiteout files of an unpacked layer into overlayfs's marks.
 *
 * `.wh.x` becomes the device that hides `x`; where the same layer has a directory `x` of its own, that is made opaque
 * instead, and a file `x` of its own hides the lower one anyway. `.wh..wh..opq` makes its directory opaque.
 * The times of the directories stay.
 *
 * @param root  the unpacked layer
 * @param whiteouts  paths as the archive wrote them
 * @throws {EngineError} `invalid-argument` for a path that leads out of the layer, or through a symbolic link
 * @source OCI image-spec v1.1, layer.md, "Whiteouts"
 */
export function applyWhiteouts(root: string, whiteouts: readonly Buffer[]): void {
  for (const path of whiteouts) {
    // latin1 keeps every byte of a name as one character, there and back.
    const parts = path
      .toString('latin1')
      .split('/')
      .filter((part) => part !== '' && part !== '.')
    const marker = parts.pop()!
    const parent = realDirectory(Buffer.from(root), parts)
    if (parent === undefined) continue
    keepingTimes(parent, () => applyOne(parent, marker))
  }
}

function applyOne(parent: Buffer, marker: string): void {
  const markerPath = join(parent, marker)
  const found = status(markerPath)
  if (found?.isDirectory()) rmSync(markerPath, { recursive: true })
  else if (found) unlinkSync(markerPath)
  if (marker === opaque) markOpaque(parent)
  if (marker.startsWith(aufsPrefix)) return
  const name = marker.slice(prefix.length)
  if (['', '.', '..'].includes(name)) throw refusal(marker)
  const hidden = join(parent, name)
  const own = status(hidden)
  if (own === undefined) makeWhiteout(hidden)
  else if (own.isDirectory()) markOpaque(hidden)
}

/** The directory of these parts, each of which must be a directory itself; `undefined` when it is gone. */
function realDirectory(root: Buffer, parts: readonly string[]): Buffer | undefined {
  let path = root
  for (const part of parts) {
    if (part === '..') throw refusal(parts.join('/'))
    path = join(path, part)
    const found = status(path)
    if (found === undefined) return undefined
    if (!found.isDirectory()) throw refusal(parts.join('/'))
  }
  return path
}

function join(directory: Buffer, name: string): Buffer {
  return Buffer.concat([directory, Buffer.from('/'), Buffer.from(name, 'latin1')])
}

function status(path: Buffer): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

function refusal(path: string): EngineError {
  return new EngineError('invalid-argument', `Cannot apply whiteout in "${path}": it is not a directory of the layer`)
}
