/**
 * Puts variables into a word of a Dockerfile: `$X`, `${X}`, `${X:-instead}`, `${X:+when set}`; quotes are taken off.
 *
 * @param escapeWith  `\` or `` ` ``: what comes after it is taken as it is
 * @param lookUp  undefined: not set
 * @source Dockerfile reference, "Environment replacement"
 */
export function expandWord(word: string, escapeWith: string, lookUp: (name: string) => string | undefined): string {
  let out = ''
  let quote = ''
  let at = 0
  while (at < word.length) {
    const char = word[at]!
    const variable = char === '$' && quote !== "'" ? readVariable(word, at) : undefined
    if (variable !== undefined) {
      out += substitute(variable, (inner) => expandWord(inner, escapeWith, lookUp), lookUp)
      at += variable.length
      continue
    }
    if (char === escapeWith && quote !== "'" && at + 1 < word.length) out += word[++at]
    else if (quote === '' && (char === '"' || char === "'")) quote = char
    else if (char === quote) quote = ''
    else out += char
    at++
  }
  return out
}

interface Variable {
  readonly name: string
  /** `""`, `":-"`, `"-"`, `":+"`, `"+"`. */
  readonly operator: string
  readonly other: string
  /** Characters that it takes in the word. */
  readonly length: number
}

function readVariable(word: string, at: number): Variable | undefined {
  const rest = word.slice(at)
  const plain = /^\$([A-Za-z_]\w*)/.exec(rest)
  if (plain) return { name: plain[1]!, operator: '', other: '', length: plain[0].length }
  const braced = /^\$\{([A-Za-z_]\w*)(?:(:?[-+])((?:[^{}]|\{[^{}]*\})*))?\}/.exec(rest)
  if (!braced) return undefined
  return { name: braced[1]!, operator: braced[2] ?? '', other: braced[3] ?? '', length: braced[0].length }
}

function substitute(
  { name, operator, other }: Variable,
  expand: (inner: string) => string,
  lookUp: (name: string) => string | undefined,
): string {
  const value = lookUp(name)
  const isSet = value !== undefined && !(operator.startsWith(':') && value === '')
  if (operator.endsWith('-')) return isSet ? value : expand(other)
  if (operator.endsWith('+')) return isSet ? expand(other) : ''
  return value ?? ''
}
