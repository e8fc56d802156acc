import { openRawMode, type Terminal } from '../terminal.ts'

/** Asks for one line. */
export async function ask(terminal: Terminal, question: string): Promise<string> {
  terminal.stdout.write(question)
  return (await readLine(terminal)).trim()
}

/** Asks for one line that is not shown while it is typed. @throws {Error} `interrupted` after Ctrl-C */
export async function askSecret(terminal: Terminal, question: string): Promise<string> {
  using _ = openRawMode(terminal) // before the question: who answers it at once is not to see the answer
  terminal.stdout.write(question)
  const line = await readLine(terminal)
  terminal.stdout.write('\r\n')
  return line
}

/** Reads up to the end of a line, or of the input; what follows it stays to be read. */
function readLine({ stdin }: Terminal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let typed = ''
  const take = (chunk: Buffer | string) => {
    const keys = [...String(chunk)]
    for (const [at, key] of keys.entries()) {
      if (key === '\x03') return reject(new Error('interrupted'))
      if (key === '\r' || key === '\n' || key === '\x04') {
        const rest = keys.slice(at + 1).join('')
        if (rest !== '') stdin.unshift(rest)
        return resolve(typed)
      }
      typed = key === '\x7f' || key === '\b' ? typed.slice(0, -1) : typed + key
    }
  }
  const end = () => resolve(typed)
  stdin.on('data', take).once('end', end).once('error', reject)
  stdin.resume() // it was paused after the line before
  return promise.finally(() => {
    stdin.off('data', take).off('end', end).off('error', reject).pause()
  })
}
