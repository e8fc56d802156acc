import type { Option } from '../engine/options/option.ts'
import { options } from '../engine/options/options.ts'

/** Bytes of a line of help. */
const width = 120
const column = 42

/** What `wharf daemon --help` prints: the table of options, one paragraph each. */
export function renderHelp(): string {
  const lines = [
    ...Object.values<Option<unknown>>(options).map((one) => {
      return { flag: one.flag, short: one.short, placeholder: one.kind.placeholder, doc: one.doc }
    }),
    {
      flag: 'config-file',
      placeholder: 'string',
      doc: 'Settings as JSON (default `/etc/wharf/daemon.json`, when there).',
    },
    { flag: 'validate', placeholder: '', doc: 'Only read the configuration, and say whether it is right.' },
    { flag: 'help', short: 'h', placeholder: '', doc: 'This text.' },
  ].sort((a, b) => (a.flag < b.flag ? -1 : 1))
  return [
    'Usage: wharf daemon [OPTIONS]',
    '',
    'Run the engine in the foreground. The network namespace it is started in is its "host".',
    '',
    'Options:',
    ...lines.flatMap(renderOption),
    '',
    'Flags of dockerd for parts that are not here are taken, and named once in the log.',
    '',
  ].join('\n')
}

function renderOption(one: { flag: string; short?: string | undefined; placeholder: string; doc: string }): string[] {
  const short = one.short === undefined ? '    ' : `-${one.short}, `
  const head = `  ${short}--${one.flag}${one.placeholder && ` ${one.placeholder}`}`.padEnd(column)
  const [first = '', ...rest] = wrap(one.doc.replaceAll('`', ''), width - column)
  return [`${head.padEnd(column)}${first}`, ...rest.map((line) => ' '.repeat(column) + line)]
}

function wrap(text: string, room: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + word.length < room) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}
