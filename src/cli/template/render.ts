import { type TemplateFunction, templateFunctions } from './functions.ts'
import { TemplateError } from './lexer.ts'
import type { Block, Command, Node, Operand, Pipeline } from './nodes.ts'
import { isTruthy, printValue, sortedEntries } from './print-value.ts'

/** Variables of one template, the innermost last. */
type Scope = { readonly name: string; value: unknown }[]

type Leave = 'break' | 'continue' | undefined

/** Writes nodes with data. One renderer is one run of a template. */
export class Renderer {
  readonly #functions: Readonly<Record<string, TemplateFunction>>
  readonly #root: unknown
  #output = ''

  constructor(root: unknown, functions: Readonly<Record<string, TemplateFunction>> = templateFunctions) {
    this.#root = root
    this.#functions = functions
  }

  /** @throws {TemplateError} for a field that is not there, and for what a function does not take */
  render(nodes: readonly Node[]): string {
    this.#nodes(nodes, this.#root, [{ name: '$', value: this.#root }])
    return this.#output
  }

  #nodes(nodes: readonly Node[], dot: unknown, scope: Scope): Leave {
    const own: Scope = [...scope]
    for (const node of nodes) {
      if (node.kind === 'leave') return node.how
      if (node.kind === 'text') this.#output += node.text
      else if (node.kind === 'print') this.#print(node.pipeline, dot, own)
      else {
        const leave = this.#block(node, dot, own)
        if (leave !== undefined) return leave
      }
    }
    return undefined
  }

  #print(pipeline: Pipeline, dot: unknown, scope: Scope): void {
    const value = this.#pipeline(pipeline, dot, scope)
    const [name] = pipeline.variables
    if (name === undefined) this.#output += printValue(value)
    else if (pipeline.declares) scope.push({ name, value })
    else variable(scope, name).value = value
  }

  #block(block: Block, dot: unknown, scope: Scope): Leave {
    const value = this.#pipeline(block.pipeline, dot, scope)
    if (block.kind === 'range') return this.#range(block, value, dot, scope)
    const inner = block.pipeline.variables.map((name) => ({ name, value }))
    if (!isTruthy(value)) return this.#nodes(block.otherwise, dot, [...scope, ...inner])
    return this.#nodes(block.body, block.kind === 'with' ? value : dot, [...scope, ...inner])
  }

  #range(block: Block, value: unknown, dot: unknown, scope: Scope): undefined {
    const members = membersOf(value)
    if (members.length === 0) this.#nodes(block.otherwise, dot, scope)
    const { variables } = block.pipeline
    for (const [key, member] of members) {
      const values = variables.length > 1 ? [key, member] : [member]
      const inner = variables.map((name, index) => ({ name, value: values[index] }))
      if (this.#nodes(block.body, member, [...scope, ...inner]) === 'break') return
    }
  }

  #pipeline({ commands }: Pipeline, dot: unknown, scope: Scope): unknown {
    let value: unknown
    for (const [index, command] of commands.entries()) {
      value = this.#command(command, index === 0 ? [] : [value], dot, scope)
    }
    return value
  }

  #command([first, ...rest]: Command, piped: readonly unknown[], dot: unknown, scope: Scope): unknown {
    const values = (): unknown[] => [...rest.map((operand) => this.#operand(operand, dot, scope)), ...piped]
    if (first.kind === 'function') return this.#call(first.name, values())
    const value = this.#operand(first, dot, scope, values)
    if (rest.length + piped.length > 0 && first.kind === 'literal') {
      throw new TemplateError(`can't give argument to non-function ${printValue(value)}`)
    }
    return value
  }

  #call(name: string, values: readonly unknown[]): unknown {
    const called = this.#functions[name]
    if (called === undefined) throw new TemplateError(`function ${JSON.stringify(name)} not defined`)
    return called(...values)
  }

  #operand(operand: Operand, dot: unknown, scope: Scope, values: () => unknown[] = () => []): unknown {
    switch (operand.kind) {
      case 'literal':
        return operand.value
      case 'function':
        return this.#call(operand.name, values())
      case 'fields':
        return this.#fields(dot, operand.fields, values)
      case 'variable':
        return this.#fields(variable(scope, operand.name).value, operand.fields, values)
      case 'group':
        return this.#fields(this.#pipeline(operand.pipeline, dot, scope), operand.fields, values)
    }
  }

  #fields(start: unknown, fields: readonly string[], values: () => unknown[]): unknown {
    let value = start
    for (const [index, field] of fields.entries()) {
      const path = fields.slice(0, index + 1).join('.')
      if (value === undefined || value === null) {
        throw new TemplateError(`executing "" at <.${path}>: nil pointer evaluating interface {}.${field}`)
      }
      if (typeof value !== 'object' || Array.isArray(value)) {
        throw new TemplateError(`executing "" at <.${path}>: can't evaluate field ${field} in type ${typeName(value)}`)
      }
      if (value === this.#root && !(field in value)) {
        throw new TemplateError(`executing "" at <.${path}>: map has no entry for key ${JSON.stringify(field)}`)
      }
      value = (value as Record<string, unknown>)[field]
      if (typeof value === 'function') value = value(...(index === fields.length - 1 ? values() : []))
    }
    return value
  }
}

function variable(scope: Scope, name: string): { value: unknown } {
  const found = scope.findLast((each) => each.name === name)
  if (found === undefined) throw new TemplateError(`undefined variable ${JSON.stringify(name)}`)
  return found
}

function membersOf(value: unknown): [unknown, unknown][] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value.map((member, index) => [index, member])
  if (typeof value === 'number') return Array.from({ length: value }, (_, index) => [index, index])
  if (typeof value === 'object') return sortedEntries(value)
  throw new TemplateError(`range can't iterate over ${printValue(value)}`)
}

function typeName(value: unknown): string {
  return Array.isArray(value) ? '[]interface {}' : typeof value === 'number' ? 'float64' : typeof value
}
