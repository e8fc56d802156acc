/**
 * Asks a program that keeps credentials.
 *
 * @param name  what follows `docker-credential-` in its own name
 * @returns what it printed; `undefined` when it knows nothing of the registry
 * @throws {Error} with its words, or when there is no such program
 * @source docker-credential-helpers, protocol
 */
export async function callHelper(
  name: string,
  verb: 'get' | 'store' | 'erase',
  input: string,
): Promise<string | undefined> {
  const { spawn } = process.getBuiltinModule('node:child_process')
  const program = `docker-credential-${name}`
  const child = spawn(program, [verb], { stdio: ['pipe', 'pipe', 'inherit'] })
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  child.once('error', (cause) => {
    reject(
      new Error(`error getting credentials - err: exec: "${program}": executable file not found in $PATH`, { cause }),
    )
  })
  child.once('close', resolve)
  // A program that ends without reading closes its input; its exit code tells why.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const status = await promise
  if (status === 0) return said
  if (/credentials not found/.test(said)) return undefined
  throw new Error(`error getting credentials - err: exit status ${status}, out: \`${said.trim()}\``)
}
