import { EngineError } from '../../../base/errors.ts'

/** Where something of an archive goes. Paths have one character for each byte: a file name need not be UTF-8. */
export interface EntryPlace {
  /** Absolute, in the container. */
  readonly path: string
  readonly parent: string
  readonly name: Buffer
}

/**
 * Where a name of an archive lies below the directory that it is unpacked to; `undefined` for that directory itself.
 *
 * @param outside  what is said when it would lie elsewhere
 * @throws {EngineError} `invalid-argument`
 */
export function placeOf(destination: string, name: Buffer, outside?: string): EntryPlace | undefined {
  if (name.includes(0)) throw new EngineError('invalid-argument', 'archive/tar: invalid tar header')
  const parts: string[] = []
  for (const part of name.toString('latin1').split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) {
      const words = outside ?? `"${name}" is outside of "${shownPath(destination)}"`
      throw new EngineError('invalid-argument', words)
    }
  }
  const last = parts.pop()
  if (last === undefined) return undefined
  const parent = [destination === '/' ? '' : destination, ...parts].join('/') || '/'
  return { path: `${parent === '/' ? '' : parent}/${last}`, parent, name: Buffer.from(last, 'latin1') }
}

/** A path of characters for bytes as people read it. */
export function shownPath(path: string): string {
  return Buffer.from(path, 'latin1').toString('utf8')
}
