import type { Terminal } from '../terminal.ts'

/** A percentage that is worth a look, and one that is worth a hurry. */
const [many, most] = [50, 80]
const colours = { many: 33, most: 31 } as const

/**
 * Shows a table again and again: in place on a terminal, as much of it as there is room for; else one below the other.
 *
 * @param table  lines, each with its newline
 */
export function showTable({ stdout }: Terminal, table: string, coloured: boolean): void {
  if (stdout.isTTY !== true) {
    stdout.write(table)
    return
  }
  const lines = table.split('\n').slice(0, (stdout.rows ?? 24) - 1)
  const shown = coloured ? lines.map(colour) : lines
  // From the top left corner; what is left of the line before, and of the lines below, is wiped out.
  stdout.write(`\x1b[H${shown.map((line) => `${line}\x1b[K`).join('\n')}\x1b[J`)
}

/** Coloured after the columns are lined up: escape sequences have no width. */
function colour(line: string): string {
  return line.replace(/\d+\.\d\d%/g, (percent) => {
    const value = Number.parseFloat(percent)
    if (value < many) return percent
    return `\x1b[${value < most ? colours.many : colours.most}m${percent}\x1b[0m`
  })
}
