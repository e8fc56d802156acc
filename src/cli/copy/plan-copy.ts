import { posix } from 'node:path'

/** One end of a copy that is known. */
export interface CopyEnd {
  readonly path: string
  readonly isDirectory: boolean
}

/** Where an archive is unpacked, and how its names change. */
export interface CopyPlan {
  readonly directory: string
  readonly rename?: { readonly from: string; readonly to: string }
}

/**
 * Takes an argument apart: `box:/path` is a container's, `./x:y`, `/x:y` and `x` are local.
 *
 * @source Docker CLI reference, "docker container cp"
 */
export function splitArgument(text: string): { readonly container: string; readonly path: string } {
  const colon = text.indexOf(':')
  if (text.startsWith('/') || text.startsWith('.') || colon < 0) return { container: '', path: text }
  return { container: text.slice(0, colon), path: text.slice(colon + 1) }
}

/** A path's directory and last part; `x/.` has the last part `.`. */
export function splitPath(path: string): { readonly directory: string; readonly name: string } {
  const clean = cleanPath(path)
  if (isDot(path)) return { directory: clean, name: '.' }
  return { directory: posix.dirname(clean), name: posix.basename(clean) || '/' }
}

/** Without `..`, doubled slashes and a slash at its end. */
export function cleanPath(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/+$/, '')
}

/** The path says that it is a directory: it ends in `/` or `/.`. */
export function namesDirectory(path: string): boolean {
  return path.endsWith('/') || isDot(path)
}

function isDot(path: string): boolean {
  return /(?:^|\/)\.$/.test(path)
}

/** What `x/` or `x/.` said of a path that was worked out otherwise, said of that again. */
export function keepEnding(path: string, original: string): string {
  if (isDot(original) && !isDot(path)) return path.endsWith('/') ? `${path}.` : `${path}/.`
  return original.endsWith('/') && !path.endsWith('/') ? `${path}/` : path
}

/**
 * Decides how an archive of `source` is unpacked so that it comes to `target`, as cp(1) would have it.
 *
 * @param source.name  what the names in the archive begin with
 * @param target.found  what is there
 * @throws {Error} in Docker's words
 * @source Docker CLI reference, "docker container cp", "Extended description"
 */
export function planCopy(
  source: { readonly name: string; readonly isDirectory: boolean },
  target: { readonly path: string; readonly found: CopyEnd | undefined },
): CopyPlan {
  const { found } = target
  if (found?.isDirectory) return { directory: found.path }
  if (found !== undefined && source.isDirectory) throw new Error('cannot copy directory')
  if (found === undefined && !source.isDirectory && namesDirectory(target.path)) throw new Error('no such directory')
  const { directory, name } = splitPath(found?.path ?? target.path)
  return source.name === name ? { directory } : { directory, rename: { from: source.name, to: name } }
}
