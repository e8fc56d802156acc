import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { layers } from './layers.ts'

const longestFile = 300
const longestReadme = 20

/** Every exported name of a source file has a doc comment that begins with a sentence. */
export function undocumented(file: string, text: string): string[] {
  const exported = /^export (?:declare )?(?:async )?(?:abstract )?(function\*?|class|interface|type|const|let) (\w+)/gm
  const seen = new Set<string>()
  return [...text.matchAll(exported)].flatMap((match) => {
    const [, , name] = match
    // An overload, a type that shares a value's name, or a constant that the C header of its name explains.
    if (seen.has(name!) || /^[A-Z][A-Z0-9_]+$/.test(name!)) return []
    seen.add(name!)
    const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:\/\/[^\n]*\n\s*)*$/.exec(text.slice(0, match.index))?.[1]
    const line = text.slice(0, match.index).split('\n').length
    if (comment === undefined) return [`${file}:${line}: ${name} has no doc comment`]
    return beginsWithSentence(comment) ? [] : [`${file}:${line}: the comment of ${name} does not begin with a sentence`]
  })
}

/** A sentence ends with a full stop, a colon or a question mark. A tag that says where a thing is described will do too. */
export function beginsWithSentence(comment: string): boolean {
  const text = comment.replaceAll(/^\s*\* ?/gm, '').trim()
  const [paragraph = ''] = text.split(/\n\s*\n|\n\s*@/)
  return /^@(?:source|throws|returns) \S/.test(paragraph) || /[.:?!)`"](?:\s|$)/.test(paragraph)
}

/** Links of a Markdown text that lead to no file. */
export function brokenLinks(file: string, text: string): string[] {
  const prose = text.replaceAll(/```[\s\S]*?```/g, '').replaceAll(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target]) => {
    const path = target!.replace(/#.*$/, '')
    if (/^[a-z]+:/.test(target!) || path === '' || existsSync(join(dirname(file), path))) return []
    return [`${file}: the link to ${target} leads nowhere`]
  })
}

/** Rows of the layer table of ARCHITECTURE.md: `| folder | may import |`. */
export function parseLayerTable(text: string): Record<string, string[]> {
  const [, table = ''] = /\| folder \| may import[^\n]*\n\|[-| ]+\n((?:\|[^\n]*\n)+)/.exec(text) ?? []
  const rows = table.trim().split('\n').filter(Boolean)
  return Object.fromEntries(
    rows.map((row) => {
      const [, folder = '', imports = ''] = row.split('|').map((cell) => cell.trim())
      return [folder, imports === '—' ? [] : imports.split(/[\s,]+/).filter(Boolean)]
    }),
  )
}

function checkReadmes(): string[] {
  return readdirSync('src', { withFileTypes: true }).flatMap((entry) => {
    const file = `src/${entry.name}/README.md`
    if (!entry.isDirectory()) return []
    if (!existsSync(file)) return [`${file} is missing`]
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n').length
    return lines > longestReadme ? [`${file} has ${lines} lines, ${longestReadme} are enough`] : []
  })
}

function checkLayerTable(): string[] {
  const shown = parseLayerTable(readFileSync('ARCHITECTURE.md', 'utf8'))
  const wanted = Object.fromEntries(Object.entries(layers).map(([folder, imports]) => [folder, [...imports]]))
  return Object.keys({ ...shown, ...wanted }).flatMap((folder) =>
    JSON.stringify(shown[folder]) === JSON.stringify(wanted[folder])
      ? []
      : [`ARCHITECTURE.md: the layer table differs from tools/layers.ts at ${folder}`],
  )
}

function checkSources(): string[] {
  return globSync('src/**/*.ts').flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    const lines = text.split('\n').length - 1
    return [
      ...(lines > longestFile ? [`${file} has ${lines} lines, ${longestFile} are the most`] : []),
      ...(file.endsWith('.test.ts') ? [] : undocumented(file, text)),
    ]
  })
}

function checkLinks(): string[] {
  return globSync(['*.md', 'docs/**/*.md', 'src/**/*.md', 'test/**/*.md', 'examples/**/*.md']).flatMap((file) =>
    brokenLinks(file, readFileSync(file, 'utf8')),
  )
}

if (import.meta.main) {
  const problems = [...checkReadmes(), ...checkLayerTable(), ...checkSources(), ...checkLinks()]
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length > 0 ? 1 : 0
}
