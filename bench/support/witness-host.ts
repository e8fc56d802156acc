import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Host } from '../../test/support/host.ts'

interface Line {
  readonly at: number
  readonly text: string
}

/** What a host comes to know of an overlay network, seen by iproute2 and by a program in a container, with the time. */
export class WitnessHost implements AsyncDisposable {
  readonly #children: ChildProcess[] = []
  readonly #kernel: Line[] = []
  readonly #names: Line[] = []
  readonly #asker: ChildProcess

  /** @param path of the network's namespace; @param container path of the namespace of a container on it */
  private constructor(path: string, container: string) {
    this.#watch(path, ['bridge', 'monitor', 'fdb'], this.#kernel)
    this.#watch(path, ['ip', 'monitor', 'neigh'], this.#kernel)
    this.#asker = this.#watch(container, [process.execPath, join(import.meta.dirname, 'know-process.ts')], this.#names)
  }

  static async open(host: Host, path: string, container: string): Promise<WitnessHost> {
    const witness = new WitnessHost(path, container)
    const shut = await host.exec('nsenter', [`--net=${path}`, 'true'])
    if (shut.code !== 0) throw new Error(shut.stderr)
    return witness
  }

  /** Begins to ask for a name, until it is answered. */
  ask(name: string): void {
    this.#asker.stdin!.write(`${name}\n`)
  }

  /** When the host knew an endpoint altogether, by `performance.now()`: forwarding entry, neighbour and name. */
  async knew({ mac, name }: { readonly mac: string; readonly name: string }): Promise<number> {
    const marks: readonly [readonly Line[], RegExp][] = [
      [this.#kernel, new RegExp(`^${mac} .*\\bdst\\b`)],
      [this.#kernel, new RegExp(`lladdr ${mac} PERMANENT`)],
      [this.#names, new RegExp(`^${name}$`)],
    ]
    for (const deadline = performance.now() + 10_000; ; ) {
      const found = marks.map(([lines, mark]) => lines.find(({ text }) => mark.test(text))?.at)
      if (found.every((at) => at !== undefined)) return Math.max(...found)
      if (performance.now() > deadline) throw new Error(`${name} (${mac}) is not known after ten seconds: ${found}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  #watch(namespace: string, words: readonly string[], lines: Line[]): ChildProcess {
    const child = spawn('nsenter', [`--net=${namespace}`, ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#children.push(child)
    createInterface({ input: child.stdout }).on('line', (text) => lines.push({ at: performance.now(), text }))
    return child
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const exited = once(child, 'exit')
        child.kill('SIGKILL')
        await exited
      }),
    )
  }
}
