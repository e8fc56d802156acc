import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { runOk } from './finished.ts'

const patienceMs = 30_000

/** A program on a pseudo-terminal, as a person would use it. */
export interface Terminal extends AsyncDisposable {
  /** Everything it has printed. */
  readonly output: string
  /** Waits until what was printed since the last match fits `pattern`; answers the match. */
  expect(pattern: RegExp): Promise<RegExpExecArray>
  type(text: string): void
  /** Makes the window another size, as dragging its corner would. */
  resize(rows: number, columns: number): Promise<void>
  /** The exit code, once it ends. */
  readonly exited: Promise<number>
}

/** Starts a program on a terminal of its own. Its terminal comes from util-linux's `script`. */
export function openTerminal(
  words: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly rows?: number; readonly columns?: number } = {},
): Terminal {
  const { rows = 24, columns = 80 } = options
  const line = `stty rows ${rows} cols ${columns}; exec ${words.map(quote).join(' ')}`
  const child = spawn('script', ['-q', '-e', '-c', line, '/dev/null'], {
    env: { ...process.env, ...options.env, TERM: 'dumb', SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const reader = new Reader(child)
  const exited = Promise.withResolvers<number>()
  child.on('error', exited.reject)
  child.on('close', (code, signal) => exited.resolve(code ?? (signal === null ? 1 : 128)))
  child.stdin.on('error', () => undefined) // it may have ended: its exit code says so
  return {
    get output() {
      return reader.text
    },
    expect: (pattern) => reader.expect(pattern),
    type: (text) => child.stdin.write(text),
    resize: async (newRows, newColumns) => {
      const [device] = await terminalOf(child)
      await runOk('stty', ['-F', device, 'rows', String(newRows), 'cols', String(newColumns)])
    },
    exited: exited.promise,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null) child.kill('SIGKILL') // its terminal hangs up, and the program with it
      await exited.promise
    },
  }
}

/** Collects what a program prints and wakes whoever waits for a piece of it. */
class Reader {
  text = ''
  #seen = 0
  #wake = Promise.withResolvers<void>()

  constructor(child: ChildProcess) {
    child.stdout!.on('data', (chunk: Buffer) => {
      this.text += chunk.toString()
      this.#notify()
    })
    child.on('close', () => this.#notify())
  }

  async expect(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = AbortSignal.timeout(patienceMs)
    const late = new Promise<'late'>((resolve) => deadline.addEventListener('abort', () => resolve('late')))
    for (;;) {
      const match = pattern.exec(this.text.slice(this.#seen))
      if (match) {
        this.#seen += match.index + match[0].length
        return match
      }
      if ((await Promise.race([this.#wake.promise, late])) === 'late') {
        throw new Error(`the terminal never showed ${pattern}; it showed:\n${this.text}`)
      }
    }
  }

  #notify(): void {
    const { resolve } = this.#wake
    this.#wake = Promise.withResolvers<void>()
    resolve()
  }
}

/** Path of the pseudo-terminal that the child of `script` sits on: it may not have been forked yet. */
async function terminalOf(child: ChildProcess): Promise<[string]> {
  const deadline = performance.now() + patienceMs
  while (performance.now() < deadline) {
    const [pid] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ')
    if (pid !== undefined && pid !== '') return [readlinkSync(`/proc/${pid}/fd/0`)]
    await sleep(5)
  }
  throw new Error('script started no child')
}

/** What waits in a container's shell for the size, then says `as told`: what is typed may be there before the client's news. */
export function untilSize(rows: number, columns: number): string {
  return `until [ "$(stty size)" = "${rows} ${columns}" ]; do sleep 0.05; done; echo "as" told\n`
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
