import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listContainers, removeContainer } from '../../src/client/containers.ts'
import { Transport } from '../../src/client/transport.ts'
import type { Host } from './host.ts'
import { mountsOf, processesOf, sweep } from './sweep.ts'

const main = join(import.meta.dirname, '../../src/main.ts')
const ownProgram = [process.execPath, main]
/** How many times as long everything takes: in an emulated machine. */
const slowness = Number(process.env['WHARF_TEST_SLOWNESS'] ?? 1)
const startMs = 40_000 * slowness
const stopMs = 20_000 * slowness

/** How to start an engine. */
export interface DaemonOptions {
  /** The network namespace that it calls its host. */
  readonly host: Host
  /** Written to its configuration file. */
  readonly config?: Readonly<Record<string, unknown>>
  /** What is run before the word `daemon`; unless told, this program with this Node. */
  readonly program?: readonly string[]
  /** More words for its command line. */
  readonly flags?: readonly string[]
  /** More for its environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** An engine that runs. Disposing of it removes all its containers, ends it, and complains of whatever it left. */
export interface Daemon extends AsyncDisposable {
  /** Its directory: data, what runs, socket, configuration. */
  readonly root: string
  readonly socket: string
  readonly pid: number
  /** All that it has said on stdout and stderr so far. */
  readonly log: string
  /** Ends it as a power failure would. */
  kill9(): Promise<void>
  /** Ends it with SIGTERM; answers its exit code. */
  stop(): Promise<number>
  /** Starts it again on the same directory. */
  start(): Promise<void>
}

/** Starts an engine in a directory of its own and waits until its API listens. */
export async function startDaemon({
  host,
  program = ownProgram,
  config = {},
  flags = [],
  env = {},
}: DaemonOptions): Promise<Daemon> {
  const root = mkdtempSync(join(tmpdir(), 'wharf-'))
  const socket = join(root, 'w.sock')
  const configFile = join(root, 'daemon.json')
  writeFileSync(configFile, JSON.stringify(config))
  const places = ['--host', `unix://${socket}`, '--data-root', join(root, 'data'), '--exec-root', join(root, 'run')]
  const words = [...program, 'daemon', ...places, '--config', configFile, ...flags]
  const runner = new Runner(host, words, `API listening on unix://${socket}`, env)
  const daemon: Daemon = {
    root,
    socket,
    get pid() {
      return runner.pid
    },
    get log() {
      return runner.log
    },
    kill9: async () => void (await runner.end('SIGKILL')),
    stop: () => runner.end('SIGTERM'),
    start: () => runner.start(),
    [Symbol.asyncDispose]: () => dispose(runner, socket, root),
  }
  try {
    await runner.start()
  } catch (error) {
    await sweep(root)
    rmSync(root, { recursive: true })
    throw error
  }
  return daemon
}

/** Keeps one daemon's process: starts it, waits for its line, ends it. */
class Runner {
  log = ''
  #child: ChildProcess | undefined
  #closed: Promise<number> = Promise.resolve(0)
  readonly #host: Host
  readonly #words: readonly string[]
  readonly #ready: string
  readonly #env: Readonly<Record<string, string>>

  constructor(host: Host, words: readonly string[], ready: string, env: Readonly<Record<string, string>>) {
    this.#host = host
    this.#words = words
    this.#ready = ready
    this.#env = env
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  async start(): Promise<void> {
    const child = spawn(...this.#host.enter(this.#words[0]!, ...this.#words.slice(1)), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#env },
    })
    const started = Promise.withResolvers<void>()
    const closed = Promise.withResolvers<number>()
    let said = ''
    const listen = (chunk: Buffer): void => {
      this.log += chunk
      said += chunk
      if (said.includes(`${this.#ready}\n`)) started.resolve()
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    // "exit", not "close": the helpers that outlive the daemon may hold its stderr.
    child.on('exit', (code, signal) => {
      closed.resolve(code ?? (signal === 'SIGKILL' ? 137 : 143))
      started.reject(new Error(`the daemon ended (${code ?? signal}) before its API listened:\n${said}`))
    })
    this.#child = child
    this.#closed = closed.promise
    const timer = setTimeout(() => started.reject(new Error(`the daemon did not get ready:\n${said}`)), startMs)
    await started.promise.finally(() => clearTimeout(timer))
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number> {
    if (!this.running) return await this.#closed
    this.#child!.kill(signal)
    const timer = setTimeout(() => this.#child!.kill('SIGKILL'), stopMs)
    return await this.#closed.finally(() => clearTimeout(timer))
  }
}

async function dispose(runner: Runner, socket: string, root: string): Promise<void> {
  const failures: string[] = []
  try {
    if (!runner.running) await runner.start()
    const transport = new Transport(`unix://${socket}`)
    const containers = await listContainers(transport, { all: true })
    await Promise.all(containers.map(({ Id }) => removeContainer(transport, Id, { force: true, volumes: true })))
    const code = await runner.end('SIGTERM')
    if (code !== 0) failures.push(`the daemon's exit code was ${code}`)
    await endResolver(root)
    const left = [...processesOf(root).map(({ pid, command }) => `process ${pid}: ${command}`), ...mountsOf(root)]
    failures.push(...left.map((line) => `left behind: ${line}`))
  } catch (error) {
    failures.push(String((error as Error).stack))
  }
  await runner.end('SIGKILL')
  await sweep(root)
  rmSync(root, { recursive: true, force: true })
  if (failures.length > 0) throw new Error(`${failures.join('\n')}\nthe daemon's log:\n${runner.log}`)
}

/** The resolver is meant to outlive the daemon; here its work is done. */
async function endResolver(root: string): Promise<void> {
  const resolvers = processesOf(root).filter(({ command }) => /main\.ts resolver\b/.test(command))
  for (const { pid } of resolvers) process.kill(pid, 'SIGTERM')
  const deadline = performance.now() + stopMs
  const pids = new Set(resolvers.map(({ pid }) => pid))
  while (performance.now() < deadline && processesOf(root).some(({ pid }) => pids.has(pid))) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
