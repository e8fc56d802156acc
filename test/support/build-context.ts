import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A build context of these files, in a directory of its own below `root`. */
export function buildContext(root: string, files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(root, 'context-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), text)
  }
  return dir
}
