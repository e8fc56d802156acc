import { globSync, readdirSync } from 'node:fs'
import { orderFiles } from './test-order.ts'

/** What each word after `wharf test` means: the units beside the source, and a folder of test/ each. */
const groups: ReadonlyMap<string, readonly string[]> = new Map([
  ['unit', ['src/**/*.test.ts', 'tools/**/*.test.ts', 'demo/**/*.test.ts', 'bench/**/*.test.ts']],
  ...readdirSync('test')
    .filter((name) => name !== 'support' && name !== 'fixtures')
    .map((name): [string, string[]] => [name, [`test/${name}/**/*.test.ts`]]),
])

/** Files for the virtual machine only: there `test/vm/vm.test.ts` runs them. */
const guestFolder = 'test/vm/guest/'
export const guestRunner = 'test/vm/vm.test.ts'

/** The files to run, each once: of whole groups, or named. None named: all groups. */
export function chooseFiles(names: readonly string[]): string[] {
  const files = (names.length > 0 ? names : [...groups.keys()]).flatMap((name) => {
    const found = globSync([...(groups.get(name) ?? [name])])
      .filter(isForThisMachine)
      .sort()
    if (found.length === 0 && !groups.has(name)) {
      throw new Error(
        `there is no test "${name}"; wharf test [-t TEXT] [${[...groups.keys()].join(' | ')} | nightly | FILE]...`,
      )
    }
    return found
  })
  return orderFiles([...new Set(files)])
}

function isForThisMachine(path: string): boolean {
  return !path.startsWith(guestFolder)
}

/** A guest's file that is named: the virtual machine runs that one and no other. */
export function sendToGuest(names: readonly string[]): string[] {
  const forGuest = names.filter((name) => name.startsWith(guestFolder))
  if (forGuest.length === 0) return [...names]
  process.env['WHARF_VM_FILES'] = forGuest.join(',')
  return [...names.filter((name) => !forGuest.includes(name)), guestRunner]
}

/** `-t TEXT` chooses tests by their name; every other word is a group or a file. */
export function parseWords(words: readonly string[]): { names: string[]; pattern: string | undefined } {
  const at = words.indexOf('-t')
  if (at === -1) return { names: [...words], pattern: undefined }
  return { names: words.toSpliced(at, 2), pattern: words[at + 1] }
}
