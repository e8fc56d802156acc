import { type CatalogueEntry, catalogue, commonCommands, groups } from './catalogue.ts'
import type { Command } from './command.ts'
import type { FlagSpec } from './flags/flag-spec.ts'
import { globalFlags } from './flags/global-flags.ts'

/** The help of one command, as `--help` prints it. @param width columns of the terminal */
export function renderCommandHelp(entry: CatalogueEntry, name: string, command: Command, width: number): string {
  const aliases = entry.names.length > 1 ? [`Aliases:\n  ${entry.names.map((each) => `wharf ${each}`).join(', ')}`] : []
  const flags = command.flags.filter((flag) => !flag.hidden)
  return blocks([
    `Usage:  wharf ${name}${command.usage === '' ? '' : ` ${command.usage}`}`,
    entry.summary,
    ...aliases,
    ...(flags.length > 0 ? [`Options:\n${renderFlags(flags, width)}`] : []),
    ...(command.examples.length > 0 ? [`Examples:\n${command.examples.map((line) => `  ${line}`).join('\n')}`] : []),
  ])
}

/** The help of `wharf network` and its like. */
export function renderGroupHelp(group: string): string {
  const entries = catalogue.filter(({ names: [name] }) => name?.startsWith(`${group} `))
  return blocks([
    `Usage:  wharf ${group} COMMAND`,
    groups[group] ?? '',
    `Commands:\n${renderList(entries.map(({ names: [name], summary }) => [name?.split(' ')[1] ?? '', summary]))}`,
    `Run 'wharf ${group} COMMAND --help' for more information on a command.`,
  ])
}

/** The help of `wharf` itself. @param width columns of the terminal */
export function renderMainHelp(width: number): string {
  const top = new Map(catalogue.flatMap(({ names, summary }) => names.filter(isTop).map((name) => [name, summary])))
  const common = commonCommands.map((name) => [name, top.get(name) ?? ''] as const)
  const others = [...top].filter(([name]) => !(commonCommands as readonly string[]).includes(name))
  const daemons = [
    ['daemon', 'Run the engine in the foreground'],
    ['resolver', 'Answer names for containers (started by the daemon)'],
  ] as const
  const sorted = [...others, ...daemons].sort(([a], [b]) => (a < b ? -1 : 1))
  return blocks([
    'Usage:  wharf [OPTIONS] COMMAND',
    'A container engine whose networking is complete, fast and explains itself',
    `Common Commands:\n${renderList(common)}`,
    `Management Commands:\n${renderList(Object.entries(groups))}`,
    `Commands:\n${renderList(sorted)}`,
    `Global Options:\n${renderFlags(globalFlags, width)}`,
    "Run 'wharf COMMAND --help' for more information on a command.",
  ])
}

/** The short usage below an error: what Docker prints, line by line. */
export function renderUsageHint(name: string, usage: string, hint: string): string {
  return `Usage:  wharf ${name}${usage === '' ? '' : ` ${usage}`}\n\n${hint} 'wharf ${name} --help' for more information`
}

/** Flags and what they do in two columns, sorted by name, wrapped at `width`. */
function renderFlags(flags: readonly FlagSpec[], width: number): string {
  const rows = flags
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((flag) => [leftOf(flag), rightOf(flag)] as const)
  const indent = Math.max(...rows.map(([left]) => left.length)) + 3
  return rows.map(([left, right]) => left.padEnd(indent) + wrap(right, width - indent, ' '.repeat(indent))).join('\n')
}

function leftOf(flag: FlagSpec): string {
  const type = flag.kind === 'bool' ? '' : ` ${flag.typeName ?? flag.kind}`
  return `  ${flag.short === undefined ? '    ' : `-${flag.short}, `}--${flag.name}${type}`
}

function rightOf({ help, default: preset, kind }: FlagSpec): string {
  if (preset === undefined || preset === 'false') return help
  return `${help} (default ${kind === 'string' || kind === 'list' ? JSON.stringify(preset) : preset})`
}

function wrap(text: string, width: number, indent: string): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line === undefined || line.length + 1 + word.length > Math.max(width, 24)) lines.push(word)
    else lines[lines.length - 1] = `${line} ${word}`
  }
  return lines.join(`\n${indent}`)
}

function renderList(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([name, summary]) => `  ${name.padEnd(11)} ${summary}`).join('\n')
}

function isTop(name: string): boolean {
  return !name.includes(' ')
}

function blocks(parts: readonly string[]): string {
  return parts.join('\n\n')
}
