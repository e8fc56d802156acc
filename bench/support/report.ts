/** One line of the report: what was measured, beside what its parts cost and what was aimed at. */
export interface Row {
  readonly what: string
  readonly value: number
  readonly unit: 'µs' | 'ms' | '/s' | 'MiB' | 'KiB' | '×' | 's' | '%' | 'Gbit/s' | 'MB/s' | 'lines/s'
  /** What the parts cost without an engine, measured in the same run. */
  readonly floor?: number
  readonly goal?: number
}

const biggerIsBetter: ReadonlySet<Row['unit']> = new Set(['/s', 'Gbit/s', 'MB/s', 'lines/s'])

/** Renders rows as a table. A figure that misses its goal is marked, and never fails anything: machines differ. */
export function renderReport(rows: readonly Row[]): string {
  const lines = rows.map(({ what, value, unit, floor, goal }) =>
    [
      what.padEnd(44),
      figure(value).padStart(9),
      unit.padEnd(7),
      figure(floor).padStart(9),
      figure(goal).padStart(9),
      misses(value, goal, unit) ? ' over' : '',
    ].join(' '),
  )
  const head = [
    'what (medians)'.padEnd(44),
    'wharf'.padStart(9),
    '       ',
    'floor'.padStart(9),
    'goal'.padStart(9),
  ].join(' ')
  return [head, ...lines].join('\n')
}

function misses(value: number, goal: number | undefined, unit: Row['unit']): boolean {
  if (goal === undefined) return false
  return biggerIsBetter.has(unit) ? value < goal : value > goal
}

function figure(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return ''
  return value >= 1000 ? String(Math.round(value)) : value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)
}
