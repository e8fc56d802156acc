import { execFileSync } from 'node:child_process'
import type { NetworkNamespace } from '../../src/kernel/namespace.ts'

/** Runs a program inside a namespace, and gives what it printed: a witness that shares no code with us. */
export function runIn(namespace: NetworkNamespace, program: string, ...args: string[]): string {
  return execFileSync('nsenter', [`--net=${namespace.path}`, program, ...args], { encoding: 'utf8', timeout: 20_000 })
}
