/** How wide a column is at least, and how many blanks part it from the next. */
export interface ColumnRules {
  readonly minWidth: number
  readonly padding: number
}

/** The rules of Docker's lists. */
export const listColumns: ColumnRules = { minWidth: 10, padding: 3 }

/** The rules of Docker's `top`. */
export const wideColumns: ColumnRules = { minWidth: 20, padding: 3 }

/**
 * Lines up cells that end in a tab, as Go's tabwriter does: neighbouring lines that have a cell in a column share its
 * width; what stands behind the last tab of a line is no cell and is not padded.
 *
 * @source https://pkg.go.dev/text/tabwriter
 */
export function alignColumns(text: string, rules: ColumnRules): string {
  const rows = text.split('\n').map((line) => line.split('\t'))
  const lines = rows.map(() => '')
  const columns = Math.max(...rows.map((row) => row.length))
  for (let column = 0; column < columns; column++) {
    let width = 0
    for (const [index, row] of rows.entries()) {
      const cell = row[column]
      if (cell === undefined) continue
      if (column === row.length - 1) {
        lines[index] += cell
        continue
      }
      const above = rows[index - 1]
      if (above === undefined || column >= above.length - 1) width = widthOf(rows, index, column, rules)
      lines[index] += cell + ' '.repeat(width - [...cell].length)
    }
  }
  return lines.join('\n')
}

function widthOf(rows: readonly string[][], from: number, column: number, rules: ColumnRules): number {
  let width = rules.minWidth
  for (let index = from; index < rows.length && column < rows[index]!.length - 1; index++) {
    width = Math.max(width, [...rows[index]![column]!].length + rules.padding)
  }
  return width
}
