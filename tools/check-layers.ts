import { globSync, readFileSync } from 'node:fs'
import { posix as path } from 'node:path'
import { layers } from './layers.ts'

/** One import that the table in layers.ts does not allow. */
export interface Violation {
  file: string
  line: number
  target: string
  why: string
}

export function checkLayers(root = 'src'): Violation[] {
  const violations: Violation[] = []
  for (const file of globSync(`${root}/**/*.ts`)) {
    const from = file.split('/')[1]!
    const text = readFileSync(file, 'utf8')
    for (const match of text.matchAll(/^\s*(?:import|export)\b[^'"]*?from\s+'(\.[^']+)'/gm)) {
      const target = path.join(path.dirname(file), match[1]!)
      const to = target.split('/')[1]!
      if (to === from) continue
      const line = text.slice(0, match.index).split('\n').length
      if (!layers[from]?.includes(to)) violations.push({ file, line, target, why: `${from} may not import ${to}` })
      else if (path.basename(target).startsWith('_'))
        violations.push({ file, line, target, why: `_files are private to ${to}` })
    }
  }
  return violations
}

if (import.meta.main) {
  const violations = checkLayers()
  for (const { file, line, target, why } of violations) console.error(`${file}:${line}: ${target}: ${why}`)
  process.exitCode = violations.length > 0 ? 1 : 0
}
