import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { NetworkNamespace } from '../../src/kernel/namespace.ts'

const execute = promisify(execFile)

/** What dig saw. */
export interface Dug {
  /** `NOERROR`, `SERVFAIL`, … */
  readonly status: string
  readonly flags: readonly string[]
  /** `"web. 600 IN A 10.0.0.2"`, sorted. */
  readonly answers: readonly string[]
}

/** Runs a program in a namespace and gives what it printed. */
export async function runIn(namespace: NetworkNamespace, ...words: string[]): Promise<string> {
  const { stdout } = await execute('nsenter', [`--net=${namespace.path}`, ...words], { timeout: 20_000 })
  return stdout
}

/** Asks a container's resolver, from inside the container: an independent witness. */
export async function dig(namespace: NetworkNamespace, ...words: string[]): Promise<Dug> {
  const server = words.some((word) => word.startsWith('@')) ? [] : ['@127.0.0.11']
  const style = ['+time=8', '+tries=1', '+noall', '+comments', '+answer']
  const text = await runIn(namespace, 'dig', ...server, ...style, ...words)
  return {
    status: /status: (\w+)/.exec(text)?.[1] ?? text,
    flags: /flags: ([a-z ]+);/.exec(text)?.[1]?.split(' ') ?? [],
    answers: Array.from(text.matchAll(/^[^;\s].*$/gm), ([line]) => line.replaceAll(/\s+/g, ' ')).sort(),
  }
}

/** Brings the loopback of a namespace up. */
export async function raiseLoopback(namespace: NetworkNamespace): Promise<void> {
  await runIn(namespace, 'ip', 'link', 'set', 'lo', 'up')
}
