import { globSync, readFileSync } from 'node:fs'
import { posix as path } from 'node:path'
import { layers } from './layers.ts'

/** One import that the table in layers.ts does not allow. */
export interface Violation {
  readonly file: string
  readonly line: number
  readonly target: string
  readonly why: string
}

const door = 'src/main.ts'

/** Reads the imports of every source file, types and `import()` included, and answers those that are not allowed. */
export function checkLayers(root = 'src'): Violation[] {
  return globSync(`${root}/**/*.ts`)
    .filter((file) => file !== door)
    .flatMap((file) => checkFile(file, readFileSync(file, 'utf8')))
}

/** The forbidden imports of one file, whose text is given: its path says which folder it is in. */
export function checkFile(file: string, text: string): Violation[] {
  const from = file.split('/')[1]!
  return [...text.matchAll(/^\s*(?:import|export)\b[^'"]*?'(\.[^']+)'|\bimport\('(\.[^']+)'\)/gm)].flatMap((match) => {
    const target = path.join(path.dirname(file), (match[1] ?? match[2])!)
    const to = target.split('/')[1]!
    const line = text.slice(0, match.index).split('\n').length
    if (target.startsWith('test/') && !file.endsWith('.test.ts'))
      return [{ file, line, target, why: 'only tests may import what is under test/' }]
    if (to === from) return []
    if (target.startsWith('src/') && !layers[from]?.includes(to))
      return [{ file, line, target, why: `${from} may not import ${to}` }]
    if (path.basename(target).startsWith('_')) return [{ file, line, target, why: `_files are private to ${to}` }]
    return []
  })
}

if (import.meta.main) {
  const violations = checkLayers()
  for (const { file, line, target, why } of violations) console.error(`${file}:${line}: ${target}: ${why}`)
  process.exitCode = violations.length > 0 ? 1 : 0
}
