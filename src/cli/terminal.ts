import type { Readable, Writable } from 'node:stream'

/** Rows and columns of a terminal. */
export interface TerminalSize {
  readonly rows: number
  readonly columns: number
}

/** The three streams of the command line, and what is known about the terminal behind them. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown; unref?(): unknown }
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly rows?: number; readonly columns?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean }
}

/** The size of the terminal that stdout is; `undefined` when it is none. */
export function terminalSize({ stdout }: Terminal): TerminalSize | undefined {
  if (!stdout.isTTY || stdout.rows === undefined || stdout.columns === undefined) return undefined
  return { rows: stdout.rows, columns: stdout.columns }
}

/** Sends every key as it is pressed, until disposed. Without a terminal on stdin it does nothing. */
export function openRawMode({ stdin }: Terminal): Disposable {
  if (!stdin.isTTY || stdin.setRawMode === undefined) return { [Symbol.dispose]: () => {} }
  stdin.setRawMode(true)
  keepNewlines(stdin)
  return { [Symbol.dispose]: () => void stdin.setRawMode?.(false) }
}

// Node's raw mode still turns "\n" into "\r\n" on the way out, which moves the cursor of full-screen programs to the
// left edge. Only stty can say otherwise; where there is none, shells work all the same. Leaving raw mode undoes it.
function keepNewlines(stdin: Terminal['stdin']): void {
  if (stdin !== process.stdin) return
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] })
}

/** Prints one line. */
export function printLine(stream: Writable, text: string): void {
  stream.write(`${text}\n`)
}
