/** A part of a template: words to print, or what stands between `{{` and `}}`. */
export type Segment =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly tokens: readonly Token[] }

/** One word of an action. */
export type Token =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  /** `.`, `.Name`, `$`, `$x`, `range`, `printf`. A field right behind something (`$x.Name`, `(…).Name`) is `joined`. */
  | { readonly kind: 'word'; readonly text: string; readonly joined: boolean }
  | { readonly kind: 'mark'; readonly text: '(' | ')' | '|' | ':=' | '=' | ',' }

/** A template that cannot be understood, or that asks for what is not there. Go's words. */
export class TemplateError extends Error {}

/**
 * Splits a template into text and actions. `{{-` and `-}}` take the white space beside them; comments vanish.
 *
 * @throws {TemplateError} `unclosed action`, `unterminated quoted string`, `unexpected "x" in operand`
 */
export function readSegments(template: string): Segment[] {
  const segments: Segment[] = []
  let at = 0
  let trimNext = false
  while (at < template.length) {
    const open = template.indexOf('{{', at)
    const trimLeft = open >= 0 && /^\{\{-\s/.test(template.slice(open, open + 4))
    let text = template.slice(at, open < 0 ? undefined : open)
    if (trimNext) text = text.trimStart()
    if (trimLeft) text = text.trimEnd()
    if (text !== '') segments.push({ kind: 'text', text })
    if (open < 0) break
    const close = findClose(template, open + 2)
    const inner = template.slice(open + 2, close)
    trimNext = /\s-$/.test(inner)
    const body = inner.replace(/^-\s/, '').replace(/\s-$/, '').trim()
    if (!(body.startsWith('/*') && body.endsWith('*/'))) segments.push({ kind: 'action', tokens: readTokens(body) })
    at = close + 2
  }
  return segments
}

const quoted = /"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'/y

function findClose(template: string, from: number): number {
  for (let at = from; at < template.length; at++) {
    if (template.startsWith('}}', at)) return at
    if (!'"`\''.includes(template[at]!)) continue
    quoted.lastIndex = at
    const match = quoted.exec(template)
    if (match === null) throw new TemplateError('unterminated quoted string')
    at = quoted.lastIndex - 1
  }
  throw new TemplateError('unclosed action')
}

const token =
  /(?<space>\s+)|(?<quoted>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?<number>[+-]?\d+(?:\.\d+)?)|(?<word>\$?[\p{L}_][\p{L}\d_]*|\$|\.[\p{L}_][\p{L}\d_]*|\.)|(?<mark>:=|[()|=,])/uy

function readTokens(body: string): Token[] {
  const tokens: Token[] = []
  let joined = false
  for (token.lastIndex = 0; token.lastIndex < body.length; ) {
    const start = token.lastIndex
    const match = token.exec(body)
    if (match === null) throw new TemplateError(`unexpected ${JSON.stringify(body[start])} in operand`)
    const { space, quoted: text, number, word, mark } = match.groups ?? {}
    if (text !== undefined) tokens.push({ kind: 'string', value: unquote(text) })
    else if (number !== undefined) tokens.push({ kind: 'number', value: Number(number) })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, joined })
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark as ')' })
    joined = space === undefined && mark !== '(' && mark !== '|' && mark !== ',' && mark !== ':=' && mark !== '='
  }
  return tokens
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '"': '"',
  '\\': '\\',
  "'": "'",
  a: '\x07',
}

function unquote(text: string): string {
  const inner = text.slice(1, -1)
  if (text.startsWith('`')) return inner
  return inner.replace(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|(.))/g, (_, hex, unicode, letter) => {
    if (letter === undefined) return String.fromCharCode(Number.parseInt(hex ?? unicode, 16))
    return escapes[letter] ?? letter
  })
}
