import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Host } from '../../test/support/host.ts'

/** What a process of simulated hosts is told to do. */
export type SimulationOrder =
  | { readonly do: 'open'; readonly first: number; readonly count: number; readonly members: readonly string[] }
  | { readonly do: 'network'; readonly subnet: string }
  | { readonly do: 'reserve'; readonly networkId: string; readonly each: number }
  | { readonly do: 'wait'; readonly networkId: string; readonly total: number }
  | { readonly do: 'usage' }

/** What hosts take: bytes of memory, and seconds of a processor since they were opened. */
export interface Usage {
  readonly bytes: number
  readonly seconds: number
}

/** Hosts of a cluster without a kernel part, in a few processes. */
export class SimulatedHosts implements AsyncDisposable {
  readonly #children: ChildProcess[] = []
  /** What the processes take without any host. */
  #empty: Usage = { bytes: 0, seconds: 0 }
  readonly #count: number

  private constructor(count: number) {
    this.#count = count
  }

  /** @param place whose network namespace they live in; @param processes among which they are shared out */
  static async open(
    place: Host,
    { members, count, processes = 1 }: { members: readonly string[]; count: number; processes?: number },
  ): Promise<SimulatedHosts> {
    const hosts = new SimulatedHosts(count)
    try {
      for (let i = 0; i < processes; i++) await hosts.#spawn(place)
      hosts.#empty = await hosts.#usage()
      const share = Math.ceil(count / processes)
      await hosts.#tell((i) => {
        const first = i * share
        return { do: 'open', first: first + 1, count: Math.min(share, count - first), members }
      })
    } catch (error) {
      await hosts[Symbol.asyncDispose]()
      throw error
    }
    return hosts
  }

  /** The first host makes a network. @returns its id */
  async createNetwork(subnet: string): Promise<string> {
    this.#children[0]!.send({ do: 'network', subnet } satisfies SimulationOrder)
    return (await answerOf(this.#children[0]!)) as string
  }

  /** Each host starts so many containers on a network, one after the other. */
  async reserve(networkId: string, each: number): Promise<void> {
    await this.#tell(() => ({ do: 'reserve', networkId, each }))
  }

  /** Waits until every host knows so many endpoints of a network. */
  async wait(networkId: string, total: number): Promise<void> {
    await this.#tell(() => ({ do: 'wait', networkId, total }))
  }

  /** What one host takes, on average. */
  async usagePerHost(): Promise<Usage> {
    const { bytes, seconds } = await this.#usage()
    return { bytes: (bytes - this.#empty.bytes) / this.#count, seconds: (seconds - this.#empty.seconds) / this.#count }
  }

  async #usage(): Promise<Usage> {
    const all = (await this.#tell(() => ({ do: 'usage' }))) as Usage[]
    return {
      bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
      seconds: all.reduce((sum, { seconds }) => sum + seconds, 0),
    }
  }

  async #spawn(place: Host): Promise<void> {
    const program = join(import.meta.dirname, 'simulated-hosts-process.ts')
    const command = place.enter(process.execPath, '--expose-gc', program)
    const child = spawn(...command, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#children.push(child)
    await answerOf(child)
  }

  #tell(order: (process: number) => SimulationOrder): Promise<unknown[]> {
    return Promise.all(
      this.#children.map((child, i) => {
        const answer = answerOf(child)
        child.send(order(i))
        return answer
      }),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const exited = once(child, 'exit')
        child.disconnect()
        await exited
      }),
    )
  }
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const over = new AbortController()
  const { signal } = over
  try {
    const ended = once(child, 'exit', { signal }).then(([code]) => {
      throw new Error(`simulated hosts ended with ${code}`)
    })
    const [{ answer, error }] = await Promise.race([once(child, 'message', { signal }), ended])
    if (error !== undefined) throw new Error(error)
    return answer
  } finally {
    over.abort()
  }
}
