import { headingFunctions, templateFunctions } from '../template/functions.ts'
import { compileTemplate } from '../template/template.ts'
import { alignColumns, listColumns } from './columns.ts'

/** One line of a list: what a template can ask for. Methods are left out of JSON. */
export type Row = Readonly<Record<string, unknown>>

/** How one kind of object is listed. */
export interface ListLayout {
  /** The template of the table without a format: `"{{.ID}}\t{{.Name}}"`. */
  readonly table: string
  /** The template of one line with `--quiet`. */
  readonly quiet: string
  /** Column headings by field. A field without one has its name in capitals. */
  readonly headings: Readonly<Record<string, string>>
}

/**
 * Writes a list as Docker's `ls` commands do, each line with its newline.
 *
 * @param format  `""` or `"table"`, `"table TEMPLATE"`, `"json"`, or a template for each line
 * @throws {TemplateError} for a template that cannot be understood
 */
export function renderList(rows: readonly Row[], layout: ListLayout, format: string, quiet: boolean): string {
  const trimmed = format.trim().replaceAll('\\t', '\t').replaceAll('\\n', '\n')
  if (trimmed === '' || trimmed === 'table') {
    return quiet ? renderLines(rows, layout.quiet) : renderTable(rows, layout, layout.table)
  }
  if (trimmed === 'json') return renderLines(rows, '{{json .}}')
  if (/^table\s/.test(trimmed)) return renderTable(rows, layout, trimmed.slice('table'.length).trim())
  return renderLines(rows, trimmed)
}

function renderLines(rows: readonly Row[], template: string): string {
  const compiled = compileTemplate(template)
  return rows.map((row) => `${compiled.render(row, lineFunctions)}\n`).join('')
}

// Go writes a whole row with the characters of HTML escaped, and a single field without.
const lineFunctions = {
  ...templateFunctions,
  json: (value: unknown): string => {
    const text = JSON.stringify(value ?? null)
    return typeof value === 'object'
      ? text.replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`)
      : text
  },
}

function renderTable(rows: readonly Row[], layout: ListLayout, template: string): string {
  const compiled = compileTemplate(template)
  const heading = compiled.render(headingRow(layout), headingFunctions)
  return alignColumns([heading, ...rows.map((row) => compiled.render(row)), ''].join('\n'), listColumns)
}

/** Answers a heading for every field that a template may ask for, and for `.Label "x"` the label's name. */
function headingRow({ headings }: ListLayout): Row {
  return {
    ...headings,
    Label: (name: unknown) => String(name).split(/[.-]/).at(-1)?.toLowerCase() ?? '',
  }
}
