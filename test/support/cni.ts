import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createNamedNamespace, removeNamedNamespace } from '../../src/kernel/named-namespace.ts'
import { type Finished, run } from './finished.ts'

const program = join(import.meta.dirname, '../../wharf-cni')

/** What a call of a plugin ended with. */
export interface CniAnswer {
  readonly code: number
  /** What it printed, as JSON; undefined: nothing. */
  readonly answer: any
}

/** Calls `wharf-cni` as the specification says: by the environment and the standard input. */
export async function callCni(
  command: string,
  config: unknown,
  env: Readonly<Record<string, string>> = {},
): Promise<CniAnswer> {
  const child = spawn(program, [], {
    env: { PATH: '/usr/bin:/bin', ...env, CNI_COMMAND: command },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.on('error', () => {}) // it may end before it has read
  child.stdin.end(typeof config === 'string' ? config : JSON.stringify(config))
  const ended = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)))
  const printed = await text(child.stdout)
  return { code: await ended, answer: printed === '' ? undefined : JSON.parse(printed) }
}

/** A network namespace that another engine would have made for a container: on a path, with nothing in it. */
export interface Pod extends Disposable {
  readonly netns: string
  /** Runs a program in it. */
  exec(...words: string[]): Promise<Finished>
  /** Ends it, as its engine would. */
  end(): void
}

/** Makes one. */
export function createPod(): Pod {
  const dir = mkdtempSync(join(tmpdir(), 'wharf-pod-'))
  const netns = join(dir, 'netns')
  createNamedNamespace(netns)[Symbol.dispose]()
  const end = () => removeNamedNamespace(netns)
  return {
    netns,
    exec: (...words) => run('nsenter', [`--net=${netns}`, ...words]),
    end,
    [Symbol.dispose]() {
      end()
      rmSync(dir, { recursive: true })
    },
  }
}
