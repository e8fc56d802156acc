/** One line of a `.dockerignore` file. */
interface Rule {
  readonly pattern: RegExp
  /** It begins with `!`: what it matches is not ignored after all. */
  readonly includes: boolean
}

/**
 * Reads a `.dockerignore` file.
 *
 * @returns whether a path is ignored: relative to the root of the context, with `/`; what lies in an ignored directory
 *   is ignored, too; the last line that matches decides
 * @source Docker documentation, "Build context", ".dockerignore files"; Go, path/filepath, Match
 */
export function parseIgnoreFile(text: string): (path: string) => boolean {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const rules = lines.flatMap((line) => readRule(line))
  return (path) => {
    const parts = path.split('/')
    const paths = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
    return rules.reduce(
      (ignored, { pattern, includes }) => (paths.some((one) => pattern.test(one)) ? !includes : ignored),
      false,
    )
  }
}

/** True when a file of a `.dockerignore` may bring back something below an ignored directory. */
export function hasExceptions(text: string): boolean {
  return text.split(/\r?\n/).some((line) => line.trim().startsWith('!'))
}

function readRule(line: string): Rule[] {
  if (line.startsWith('#')) return []
  const text = line.trim()
  const includes = text.startsWith('!')
  const path = cleanPath((includes ? text.slice(1) : text).trim())
  return path === '' || path === '.' ? [] : [{ pattern: toRegExp(path), includes }]
}

/** `./a//b/` and `/a/b` are `a/b`; `..` takes a part back, and never leads out. */
function cleanPath(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}

/** `*` and `?` stay inside one name, `**` goes through any number of directories. */
function toRegExp(pattern: string): RegExp {
  let source = ''
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!
    const rest = pattern.slice(at)
    const set = /^\[(\^?)((?:\\.|[^\\\]])+)\]/.exec(rest)
    if (rest.startsWith('**')) {
      at += rest.startsWith('**/') ? 2 : 1
      source += rest.startsWith('**/') ? '(?:.*/)?' : '.*'
    } else if (char === '*') source += '[^/]*'
    else if (char === '?') source += '[^/]'
    else if (set) {
      source += `[${set[1]}${set[2]!.replace(/[[^]/g, '\\$&')}]`
      at += set[0].length - 1
    } else if (char === '\\' && at + 1 < pattern.length) source += escapeRegExp(pattern[++at]!)
    else source += escapeRegExp(char)
  }
  return new RegExp(`^${source}$`, 's')
}

function escapeRegExp(char: string): string {
  return char.replace(/[.*+?^${}()|[\]\\/-]/, '\\$&')
}
