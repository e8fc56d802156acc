import assert from 'node:assert/strict'
import type { Cli } from './docker.ts'

/** What the engine says to the docker client when it refuses a command: the first line, without the client's beginning. */
export async function refusal({ docker }: { readonly docker: Cli }, ...args: string[]): Promise<string> {
  const { code, stderr } = await docker.run(args)
  assert.notEqual(code, 0, args.join(' '))
  return stderr.split('\n')[0]!.replace(/^(docker: )?Error response from daemon: /, '')
}
