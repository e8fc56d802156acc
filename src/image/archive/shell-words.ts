import { EngineError } from '../../base/errors.ts'

/**
 * Splits at white space outside quotes; quotes and backslashes stay in the words.
 *
 * @source Dockerfile reference, "ENV", "LABEL"
 */
export function splitWords(text: string): readonly string[] {
  return text.match(/(?:\\.|"(?:\\.|[^"\\])*"?|'[^']*'?|[^\s"'\\]|\\$)+/gs) ?? []
}

/**
 * Takes quotes and backslashes off a word, and puts in the values of `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME:+word}`.
 *
 * @param value  of a variable; `undefined` when it is not set
 * @throws {EngineError} `invalid-argument` for a quote or a brace that is not closed
 * @source Dockerfile reference, "Environment replacement"
 */
export function expandWord(word: string, value: (name: string) => string | undefined): string {
  let out = ''
  let rest = word
  while (rest !== '') {
    const single = /^'([^']*)'/.exec(rest)
    const double = /^"((?:\\.|[^"\\])*)"/s.exec(rest)
    const plain = /^[^'"\\$]+/.exec(rest)
    const escaped = /^\\(.?)/s.exec(rest)
    const match = single ?? double ?? plain ?? escaped
    if (match) {
      out += single?.[1] ?? (double ? expandQuoted(double[1]!, value) : (escaped?.[1] ?? match[0]))
      rest = rest.slice(match[0].length)
    } else {
      if (!rest.startsWith('$'))
        throw new EngineError(
          'invalid-argument',
          `unexpected end of statement while looking for matching ${rest[0] === "'" ? 'single' : 'double'}-quote`,
        )
      const [text, length] = expandVariable(rest, value)
      out += text
      rest = rest.slice(length)
    }
  }
  return out
}

/** Inside double quotes a backslash only guards `"`, `$` and itself. */
function expandQuoted(text: string, value: (name: string) => string | undefined): string {
  let out = ''
  let rest = text
  while (rest !== '') {
    const match = /^\\(["$\\])/.exec(rest) ?? /^([^\\$]+|\\)/.exec(rest)
    const [piece, length] = match ? [match[1]!, match[0].length] : expandVariable(rest, value)
    out += piece
    rest = rest.slice(length)
  }
  return out
}

/** The value of the variable that `text` begins with, and how many characters name it. */
function expandVariable(text: string, value: (name: string) => string | undefined): [string, number] {
  const bare = /^\$(\w+)/.exec(text)
  if (bare) return [value(bare[1]!) ?? '', bare[0].length]
  if (!text.startsWith('${')) return ['$', 1]
  const braced = /^\$\{(\w+)(?::([-+])([^}]*))?\}/.exec(text)
  if (!braced)
    throw new EngineError('invalid-argument', `syntax error: missing '}' or unsupported modifier in "${text}"`)
  const [whole, name, modifier, word = ''] = braced
  const current = value(name!) ?? ''
  if (modifier === '-') return [current || expandWord(word, value), whole.length]
  if (modifier === '+') return [current && expandWord(word, value), whole.length]
  return [current, whole.length]
}
