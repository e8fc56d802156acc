import { doctor } from '../../client/system.ts'
import type { DoctorCheck } from '../../protocol/system.ts'
import type { Command } from '../command.ts'
import { formatFlag } from '../flags/common-flags.ts'
import { alignColumns, listColumns } from '../format/columns.ts'
import { compileTemplate } from '../template/template.ts'
import { printLine } from '../terminal.ts'

/** `wharf doctor`. */
export const command: Command = {
  usage: '[OPTIONS]',
  arguments: { min: 0, max: 0 },
  flags: [formatFlag],
  examples: ['wharf doctor', 'wharf doctor --format json | jq \'.checks[] | select(.status != "ok")\''],
  async run({ flags, env, terminal, transport }) {
    const report = await doctor(transport)
    const format = flags.text('format')
    const coloured = terminal.stdout.isTTY === true && !env['NO_COLOR']
    if (format === '') terminal.stdout.write(renderChecks(report.checks, coloured))
    else if (format === 'json') printLine(terminal.stdout, JSON.stringify(report))
    else printLine(terminal.stdout, compileTemplate(format).render(report))
    return report.checks.some(({ status }) => status === 'missing') ? 1 : 0
  },
}

const colours = { ok: 32, warning: 33, missing: 31 } as const

/** The findings as a table, what to do about each below it, and a sentence to sum up. */
function renderChecks(checks: readonly DoctorCheck[], coloured: boolean): string {
  const rows = checks.flatMap(({ name, status, detail, remedy }) => {
    const lines = [`${name}\t${status}\t${detail}`]
    return remedy ? [...lines, `\t\t→ ${remedy}`] : lines
  })
  const table = alignColumns([`CHECK\tSTATUS\tDETAIL`, ...rows, ''].join('\n'), listColumns)
  const count = (wanted: DoctorCheck['status']): number => checks.filter(({ status }) => status === wanted).length
  const summary = `${count('ok')} ok, ${count('warning')} warnings, ${count('missing')} missing\n`
  return `${coloured ? colour(table) : table}\n${summary}`
}

// Coloured after the columns are lined up: escape sequences have no width.
function colour(table: string): string {
  return table.replace(/^(\S.*?\s{3,})(ok|warning|missing)\b/gm, (_, before: string, status: keyof typeof colours) => {
    return `${before}\x1b[${colours[status]}m${status}\x1b[0m`
  })
}
