import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { NetworkNamespace } from '../../src/kernel/namespace.ts'
import type { NamedEndpoint, ReplyLine, ResolverRequest, SandboxSetup } from '../../src/resolver/protocol.ts'

/** One daemon's connection to a resolver. */
export class ResolverClient implements AsyncDisposable {
  readonly #socket: Socket
  readonly #waiting = new Map<number, (reply: ReplyLine) => void>()
  #seq = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    createInterface({ input: socket }).on('line', (line) => {
      const reply = JSON.parse(line) as ReplyLine
      this.#waiting.get(reply.seq)?.(reply)
      this.#waiting.delete(reply.seq)
    })
  }

  static async open(path: string): Promise<ResolverClient> {
    const socket = connect(path)
    await once(socket, 'connect')
    return new ResolverClient(socket)
  }

  /** The whole reply, whether it is good or an error. */
  ask(request: ResolverRequest | Record<string, unknown>): Promise<any> {
    const seq = ++this.#seq
    const { promise, resolve } = Promise.withResolvers<ReplyLine>()
    this.#waiting.set(seq, resolve)
    this.#socket.write(`${JSON.stringify({ seq, ...request })}\n`)
    return promise
  }

  /** What a request gives, which must be taken. */
  async tell(request: ResolverRequest): Promise<any> {
    const reply = await this.ask(request)
    if (reply.error) throw Object.assign(new Error(reply.error.message), reply.error)
    return reply.ok
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.closed) return
    const closed = once(this.#socket, 'close')
    this.#socket.destroy()
    await closed
  }
}

/** A resolver in a process of its own, as the daemon starts it, and a connection to it. */
export interface RunningResolver extends AsyncDisposable {
  readonly process: ChildProcess
  readonly path: string
  readonly client: ResolverClient
}

const program = `import { runResolver } from ${JSON.stringify(join(import.meta.dirname, '../../src/resolver/run.ts'))}
process.exit(await runResolver(process.argv.slice(1)))`

/** Starts `wharf resolver` on a path in a namespace; without one, in that of the test. */
export function spawnResolver(path: string, namespace?: NetworkNamespace, ...words: string[]): ChildProcess {
  const node = [process.execPath, '--input-type=module', '-e', program, '--', '--socket', path, ...words]
  const command = namespace === undefined ? node : ['nsenter', `--net=${namespace.path}`, ...node]
  return spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'ignore', 'pipe'] })
}

/** Waits until a resolver says that it serves. */
export async function untilServing(child: ChildProcess): Promise<void> {
  for await (const line of createInterface({ input: child.stderr! })) if (line.includes('"serves"')) return
  throw new Error('the resolver ended before it served')
}

/** Runs a resolver whose host is `host`; it ends with the test. */
export async function startResolver(host: NetworkNamespace, ...words: string[]): Promise<RunningResolver> {
  const directory = mkdtempSync(join(tmpdir(), 'wharf-resolver-'))
  const path = join(directory, 'socket')
  const child = spawnResolver(path, host, ...words)
  await untilServing(child)
  child.stderr!.resume()
  const client = await ResolverClient.open(path)
  return {
    process: child,
    path,
    client,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]()
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit')
        child.kill('SIGTERM')
        await exited
      }
      child.stderr!.destroy()
      rmSync(directory, { recursive: true })
    },
  }
}

/** A sandbox on one network, `front`, that asks nobody else; with what `changes` says. */
export function sandboxSetup(namespace: NetworkNamespace, changes: Partial<SandboxSetup> = {}): SandboxSetup {
  return {
    id: 's1',
    netnsPath: namespace.path,
    networks: [{ id: 'n1', name: 'front' }],
    upstreams: [],
    forwardFromHost: true,
    ndotsSet: false,
    links: {},
    ...changes,
  }
}

/** A container `web` on the network `front`; with what `changes` says. */
export function webEndpoint(changes: Partial<NamedEndpoint> = {}): NamedEndpoint {
  return { id: 'e1', networkId: 'n1', names: ['web', 'www'], addresses: ['10.0.0.2', 'fd00::2'], ...changes }
}
