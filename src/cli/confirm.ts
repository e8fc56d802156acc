import { createInterface } from 'node:readline/promises'
import type { Terminal } from './terminal.ts'

/** Asks before something is removed. No answer is no. */
export async function confirm(terminal: Terminal, question: string): Promise<boolean> {
  terminal.stdout.write(`${question}\nAre you sure you want to continue? [y/N] `)
  const lines = createInterface({ input: terminal.stdin })
  try {
    const { value } = await lines[Symbol.asyncIterator]().next()
    return /^y(es)?$/i.test(String(value ?? '').trim())
  } finally {
    lines.close()
  }
}
