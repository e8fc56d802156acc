import { createInterface } from 'node:readline/promises'
import { openRawMode, type Terminal } from '../terminal.ts'

/** Asks for one line. */
export async function ask({ stdin, stdout }: Terminal, question: string): Promise<string> {
  const lines = createInterface({ input: stdin, output: stdout, terminal: false })
  try {
    return (await lines.question(question)).trim()
  } finally {
    lines.close()
  }
}

/** Asks for one line that is not shown while it is typed. @throws {Error} `interrupted` after Ctrl-C */
export async function askSecret(terminal: Terminal, question: string): Promise<string> {
  terminal.stdout.write(question)
  using _ = openRawMode(terminal)
  let typed = ''
  for await (const chunk of terminal.stdin.setEncoding('utf8')) {
    for (const key of String(chunk)) {
      if (key === '\r' || key === '\n' || key === '\x04') {
        terminal.stdout.write('\r\n')
        return typed
      }
      if (key === '\x03') throw new Error('interrupted')
      typed = key === '\x7f' || key === '\b' ? typed.slice(0, -1) : typed + key
    }
  }
  return typed
}
