import type { Dirent } from 'node:fs'
import { existsSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { hasExceptions, parseIgnoreFile } from '../../base/ignore-patterns.ts'

/**
 * The paths of a directory that make a build's context, parents first, each relative to it.
 *
 * What `.dockerignore` names is left out, but for itself and the Dockerfile, which the daemon needs.
 *
 * @param dockerfile  relative to the directory
 */
export async function* listContext(directory: string, dockerfile: string): AsyncGenerator<string> {
  const ignoreFile = join(directory, '.dockerignore')
  const text = existsSync(ignoreFile) ? readFileSync(ignoreFile, 'utf8') : ''
  const ignored = parseIgnoreFile(text)
  const needed = ['.dockerignore', dockerfile]
  const isIgnored = (path: string) => ignored(path) && !needed.includes(path)
  const mayHold = (path: string) => hasExceptions(text) || needed.some((one) => one.startsWith(`${path}/`))
  yield* walk('')

  async function* walk(below: string): AsyncGenerator<string> {
    const entries = await readdir(join(directory, below), { withFileTypes: true })
    for (const entry of entries.toSorted(byName)) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      const out = isIgnored(path)
      if (!out && !entry.isSocket()) yield path
      if (entry.isDirectory() && (!out || mayHold(path))) yield* walk(path)
    }
  }
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1
}
