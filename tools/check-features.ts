import { existsSync, readFileSync } from 'node:fs'

/** One row of `docs/features.md`, below the heading of its section. */
export interface FeatureRow {
  readonly line: number
  readonly feature: string
  readonly state: string
  /** `test/api/connect.test.ts › its title`, as many as show it. */
  readonly tests: readonly string[]
}

const states = /^(?:yes|differs: .+|missing(?:: .+)?|not yet \(issue \d+\))$/

/** The rows of all tables of the text: `| feature | state | test<br>test |`. Heads and rules are no rows. */
export function parseFeatures(text: string): FeatureRow[] {
  return text.split('\n').flatMap((row, index) => {
    const cells = row.startsWith('|') ? row.replaceAll('\\|', '\0').split('|').slice(1, -1) : []
    const [feature = '', state = '', tests = ''] = cells.map((cell) => cell.replaceAll('\0', '|').trim())
    if (feature === '' || feature === 'feature' || /^-+$/.test(feature)) return []
    const named = tests.split('<br>').map((test) => test.trim())
    return [{ line: index + 1, feature, state, tests: named.filter((test) => test !== '') }]
  })
}

/** The titles of the tests of a file; `${…}` in one stands for anything. */
export function testTitles(source: string): RegExp[] {
  const literals = /(?:\b(?:\w*[tT]est\w*|scene)\(\s*|\btitle = |\btitle: )(['"`])((?:\\.|(?!\1)[^\\])*)\1/g
  return [...source.matchAll(literals)].map(([, , title]) => {
    const words = title!.replaceAll(/\\(.)/g, '$1').split(/\$\{[^}]*\}/)
    return new RegExp(`^${words.map((part) => RegExp.escape(part)).join('.*')}$`)
  })
}

/** What is wrong with the rows. @param read  the text of a file; undefined when there is none */
export function featureProblems(rows: readonly FeatureRow[], read: (file: string) => string | undefined): string[] {
  const titles = new Map<string, readonly RegExp[] | undefined>()
  const titlesOf = (file: string) => {
    const source = titles.has(file) ? undefined : read(file)
    if (!titles.has(file)) titles.set(file, source === undefined ? undefined : testTitles(source))
    return titles.get(file)
  }
  const problem = (test: string): string | undefined => {
    const [file = '', title] = test.split(' › ')
    if (title === undefined) return `"${test}" is not of the form file › title`
    const known = titlesOf(file)
    if (known === undefined) return `there is no file ${file}`
    return known.some((pattern) => pattern.test(title)) ? undefined : `${file} has no test "${title}"`
  }
  return rows.flatMap(({ line, feature, state, tests }) => {
    const shown = /^(?:yes|differs)/.test(state)
    return [
      ...(states.test(state) ? [] : [`"${state}" is no state`]),
      ...(shown && tests.length === 0 ? ['no test shows it: then it is missing'] : []),
      ...tests.flatMap((test) => problem(test) ?? []),
    ].map((what) => `docs/features.md:${line}: ${feature}: ${what}`)
  })
}

if (import.meta.main) {
  const rows = parseFeatures(readFileSync('docs/features.md', 'utf8'))
  const problems = featureProblems(rows, (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined))
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length > 0 ? 1 : 0
}
