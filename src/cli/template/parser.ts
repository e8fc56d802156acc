import { readSegments, type Segment, TemplateError, type Token } from './lexer.ts'
import type { Block, Command, Node, Operand, Pipeline } from './nodes.ts'

/**
 * Reads a template into nodes.
 *
 * @param functions  the names that may be called
 * @throws {TemplateError} with Go's words
 */
export function parseTemplate(template: string, functions: ReadonlySet<string>): readonly Node[] {
  const parser = new Parser(readSegments(template), functions)
  const { nodes, end } = parser.nodes()
  if (end !== undefined) throw new TemplateError(`unexpected {{${end.word}}}`)
  return nodes
}

/** What ended a list of nodes: `end`, or `else` with what stands behind it. */
interface End {
  readonly word: 'end' | 'else'
  readonly rest: readonly Token[]
}

class Parser {
  readonly #segments: readonly Segment[]
  readonly #functions: ReadonlySet<string>
  #at = 0

  constructor(segments: readonly Segment[], functions: ReadonlySet<string>) {
    this.#segments = segments
    this.#functions = functions
  }

  /** The nodes up to the `end` or `else` that closes them, or up to the end of the template. */
  nodes(): { nodes: Node[]; end: End | undefined } {
    const nodes: Node[] = []
    for (;;) {
      const segment = this.#segments[this.#at++]
      if (segment === undefined) return { nodes, end: undefined }
      if (segment.kind === 'text') {
        nodes.push(segment)
        continue
      }
      const [first, ...rest] = segment.tokens
      if (first === undefined) throw new TemplateError('missing value for command')
      const word = first.kind === 'word' ? first.text : ''
      if (word === 'end' || word === 'else') return { nodes, end: { word, rest } }
      if (word === 'if' || word === 'range' || word === 'with') nodes.push(this.#block(word, rest))
      else if (word === 'break' || word === 'continue') nodes.push({ kind: 'leave', how: word })
      else nodes.push({ kind: 'print', pipeline: this.#pipeline(segment.tokens) })
    }
  }

  #block(kind: Block['kind'], tokens: readonly Token[]): Block {
    const pipeline = this.#pipeline(tokens)
    const { nodes: body, end } = this.nodes()
    if (end === undefined) throw new TemplateError('unexpected EOF')
    if (end.word === 'end') return { kind, pipeline, body, otherwise: [] }
    const [chained, ...rest] = end.rest
    if (chained?.kind === 'word' && (chained.text === 'if' || chained.text === 'with')) {
      return { kind, pipeline, body, otherwise: [this.#block(chained.text, rest)] }
    }
    const { nodes: otherwise, end: last } = this.nodes()
    if (last === undefined) throw new TemplateError('unexpected EOF')
    return { kind, pipeline, body, otherwise }
  }

  #pipeline(tokens: readonly Token[]): Pipeline {
    const assign = tokens.findIndex((token) => token.kind === 'mark' && (token.text === ':=' || token.text === '='))
    const variables = tokens
      .slice(0, Math.max(assign, 0))
      .flatMap((token) => (token.kind === 'word' ? [token.text] : []))
    const declares = assign >= 0 && (tokens[assign] as { text: string }).text === ':='
    const commands = split(tokens.slice(assign + 1)).map((part) => this.#command(part))
    if (commands.length === 0) throw new TemplateError('missing value for command')
    return { variables, declares, commands }
  }

  #command(tokens: readonly Token[]): Command {
    const operands: Operand[] = []
    for (let at = 0; at < tokens.length; at++) {
      const token = tokens[at]!
      if (token.kind === 'word' && token.joined && token.text.startsWith('.') && operands.length > 0) {
        operands.push(withField(operands.pop()!, token.text.slice(1)))
      } else if (token.kind === 'mark') {
        if (token.text !== '(') throw new TemplateError(`unexpected ${JSON.stringify(token.text)} in operand`)
        const close = closing(tokens, at)
        operands.push({ kind: 'group', pipeline: this.#pipeline(tokens.slice(at + 1, close)), fields: [] })
        at = close
      } else operands.push(this.#operand(token))
    }
    const [first, ...rest] = operands
    if (first === undefined) throw new TemplateError('missing value for command')
    return [first, ...rest]
  }

  #operand(token: Token & { kind: 'string' | 'number' | 'word' }): Operand {
    if (token.kind !== 'word') return { kind: 'literal', value: token.value }
    const { text } = token
    if (text === '.') return { kind: 'fields', fields: [] }
    if (text.startsWith('.')) return { kind: 'fields', fields: [text.slice(1)] }
    if (text.startsWith('$')) return { kind: 'variable', name: text, fields: [] }
    if (text in constants) return { kind: 'literal', value: constants[text] }
    if (!this.#functions.has(text)) throw new TemplateError(`function ${JSON.stringify(text)} not defined`)
    return { kind: 'function', name: text }
  }
}

const constants: Readonly<Record<string, unknown>> = { true: true, false: false, nil: null }

function withField(operand: Operand, field: string): Operand {
  if (!('fields' in operand)) throw new TemplateError(`unexpected <.${field}> after operand`)
  return { ...operand, fields: [...operand.fields, field] }
}

/** Splits at the pipes that stand outside parentheses. */
function split(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (token.kind === 'mark' && token.text === '(') depth++
    if (token.kind === 'mark' && token.text === ')') depth--
    if (token.kind === 'mark' && token.text === '|' && depth === 0) parts.push([])
    else parts.at(-1)!.push(token)
  }
  return parts
}

function closing(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    const token = tokens[at]!
    if (token.kind !== 'mark') continue
    if (token.text === '(') depth++
    if (token.text === ')' && --depth === 0) return at
  }
  throw new TemplateError('unclosed left paren')
}
