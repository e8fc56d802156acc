import { type TemplateFunction, templateFunctions } from './functions.ts'
import { TemplateError } from './lexer.ts'
import { parseTemplate } from './parser.ts'
import { Renderer } from './render.ts'

/** A template that was read once and can be rendered many times. */
export interface Template {
  /** @throws {TemplateError} with Docker's and Go's words */
  render(data: unknown, functions?: Readonly<Record<string, TemplateFunction>>): string
}

const names: ReadonlySet<string> = new Set(Object.keys(templateFunctions))

/**
 * Reads a template in the language of Go's text/template, as far as command lines use it: fields, variables, pipes,
 * `if`, `range`, `with`, and the functions of `functions.ts`. Data is JSON; a member that is a function is a method.
 *
 * @throws {TemplateError} `template parsing error: template: :1: …`
 * @source https://pkg.go.dev/text/template
 * @example
 * compileTemplate('{{range .Names}}{{.}} {{end}}').render({ Names: ['a', 'b'] }) // "a b "
 */
export function compileTemplate(text: string): Template {
  const nodes = located(() => parseTemplate(text, names))
  return { render: (data, functions) => located(() => new Renderer(data, functions).render(nodes)) }
}

function located<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    throw new TemplateError(`template parsing error: template: :1: ${error.message}`, { cause: error })
  }
}
