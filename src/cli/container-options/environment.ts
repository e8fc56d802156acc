import { readFileSync } from 'node:fs'

/** The environment that the command line itself runs in. */
export type OwnEnvironment = Readonly<Record<string, string | undefined>>

/**
 * Joins `--env-file` and `-e`, the latter last. A name without a value takes it from the own environment, and is left
 * out when it is not there.
 *
 * @throws {Error} `open x: no such file or directory`, and for a line that is no variable
 */
export function parseEnvironment(files: readonly string[], values: readonly string[], own: OwnEnvironment): string[] {
  const lines = files.flatMap((file) => readKeyValueLines(file))
  return [...lines, ...values].flatMap((entry) => {
    if (entry.includes('=')) return [entry]
    const value = own[entry]
    return value === undefined ? [] : [`${entry}=${value}`]
  })
}

/** Joins `--label-file` and `--label`; a label without a value has `""`. */
export function parseLabels(files: readonly string[], values: readonly string[]): Record<string, string> {
  const entries = [...files.flatMap(readKeyValueLines), ...values].map((entry): [string, string] => {
    const at = entry.indexOf('=')
    return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)]
  })
  return Object.fromEntries(entries)
}

function readKeyValueLines(file: string): string[] {
  const lines = readText(file)
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
  return lines.flatMap((line) => {
    const text = line.trimStart()
    if (text === '' || text.startsWith('#')) return []
    const [name = ''] = text.split('=')
    if (name === '') throw new Error(`invalid environment file (${file}): no variable name on line '${text}'`)
    if (/\s/.test(name)) throw new Error(`invalid environment file (${file}): variable '${name}' contains whitespaces`)
    return [text]
  })
}

/** Reads a file that a flag names. @throws {Error} with Docker's words when it is not there */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    const why = code === 'ENOENT' ? 'no such file or directory' : code === 'EACCES' ? 'permission denied' : code
    throw new Error(`open ${file}: ${why}`, { cause })
  }
}
