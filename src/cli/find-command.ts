import { type CatalogueEntry, catalogue, groups } from './catalogue.ts'

/** What the first words of a command line name. */
export type Found =
  | {
      readonly kind: 'command'
      readonly entry: CatalogueEntry
      readonly name: string
      readonly rest: readonly string[]
    }
  | { readonly kind: 'group'; readonly name: string; readonly rest: readonly string[] }
  | { readonly kind: 'unknown'; readonly name: string; readonly group: string | undefined }

/** Finds the command that `words` begin with. `["container", "ls", "-a"]` is the command `container ls`, the rest `-a`. */
export function findCommand(words: readonly string[]): Found {
  const [first = '', second] = words
  if (first in groups) {
    if (second === undefined || second.startsWith('-')) return { kind: 'group', name: first, rest: words.slice(1) }
    return lookUp(`${first} ${second}`, words.slice(2)) ?? { kind: 'unknown', name: second, group: first }
  }
  // A verb of a command that has arguments too: `port add web 80`, while `port add` asks about a container `add`.
  const verb = words.length > 2 ? lookUp(`${first} ${second}`, words.slice(2)) : undefined
  return verb ?? lookUp(first, words.slice(1)) ?? { kind: 'unknown', name: first, group: undefined }
}

function lookUp(name: string, rest: readonly string[]): Found | undefined {
  const entry = catalogue.find(({ names }) => names.includes(name))
  return entry === undefined ? undefined : { kind: 'command', entry, name, rest }
}
