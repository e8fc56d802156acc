import { EngineError } from '../../base/errors.ts'

/** One instruction of a Dockerfile. */
export interface Instruction {
  /** In capitals: `"RUN"`. */
  readonly keyword: string
  /** `"--from=base"`, in order. */
  readonly flags: readonly string[]
  /** What follows the flags. */
  readonly words: string
  /** All of it on one line, without comments and line ends. */
  readonly original: string
  /** Where it begins, from 1. */
  readonly line: number
}

/** A Dockerfile, taken apart. */
export interface Dockerfile {
  /** What a line that goes on ends with, and what takes a `$` its meaning. */
  readonly escapeWith: '\\' | '`'
  readonly instructions: readonly Instruction[]
}

const directive = /^#[ \t]*([a-zA-Z][a-zA-Z0-9]*)[ \t]*=[ \t]*(.+?)[ \t]*$/
const knownDirectives = ['escape', 'syntax', 'check']

/**
 * Takes a Dockerfile apart: directives, comments, lines that go on. Knows nothing of what instructions mean.
 *
 * @throws {EngineError} `invalid-argument`, in Docker's words
 * @source Dockerfile reference, "Format", "Parser directives", "escape"
 */
export function parseDockerfile(text: string): Dockerfile {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const escapeWith = readEscape(lines)
  const goesOn = escapeWith === '\\' ? /^(?:|.*[^\\])\\[ \t]*$/s : /^(?:|.*[^`])`[ \t]*$/s
  const instructions: Instruction[] = []
  let whole = ''
  let begin = 0
  for (const [index, line] of lines.entries()) {
    if (/^[ \t]*#/.test(line) || (line.trim() === '' && begin > 0)) continue
    if (line.trim() === '') continue
    if (begin === 0) begin = index + 1
    const part = whole === '' ? line.trimStart() : line
    if (goesOn.test(part)) {
      whole += part.replace(/.[ \t]*$/, '')
      continue
    }
    instructions.push(readInstruction((whole + part).trimEnd(), begin))
    whole = ''
    begin = 0
  }
  if (whole.trim() !== '') instructions.push(readInstruction(whole.trimEnd(), begin))
  if (instructions.length === 0) throw new EngineError('invalid-argument', 'file with no instructions')
  return { escapeWith, instructions }
}

/** Directives count only before anything else, comments included. */
function readEscape(lines: readonly string[]): '\\' | '`' {
  let escapeWith: string | undefined
  for (const line of lines) {
    const [, name = '', value = ''] = directive.exec(line.trim()) ?? []
    if (!knownDirectives.includes(name.toLowerCase())) break
    if (name.toLowerCase() === 'escape') escapeWith = value
  }
  if (escapeWith === undefined || escapeWith === '\\') return '\\'
  if (escapeWith === '`') return escapeWith
  throw new EngineError('invalid-argument', `invalid escape token '${escapeWith}' does not match \` or \\`)
}

function readInstruction(original: string, line: number): Instruction {
  const [, keyword = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(original) ?? []
  const flags: string[] = []
  let words = rest
  for (;;) {
    const [whole, flag] = /^(--[a-z]\S*)(?:\s+|$)/.exec(words) ?? []
    if (whole === undefined) break
    flags.push(flag!)
    words = words.slice(whole.length)
  }
  return { keyword: keyword.toUpperCase(), flags, words, original, line }
}

/** Says where in the file something is wrong, as Docker does. */
export function parseProblem(line: number, why: string): EngineError {
  return new EngineError('invalid-argument', `dockerfile parse error on line ${line}: ${why}`)
}

/** The words of the JSON form `["a", "b"]`; undefined when it is the shell form. */
export function jsonWords(words: string): readonly string[] | undefined {
  if (!words.startsWith('[')) return undefined
  try {
    const value: unknown = JSON.parse(words)
    return Array.isArray(value) && value.every((word) => typeof word === 'string') ? value : undefined
  } catch {
    return undefined // Docker takes what is no JSON for a line of shell
  }
}
