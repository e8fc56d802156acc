import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One call as the plugin has seen it. */
export interface PluginCall {
  readonly verb: string
  readonly method: string
  readonly text: string
  readonly accept: string
  readonly host: string
}

/** How a plugin answers, by method, where not as it should. */
export type Behaviour = Readonly<
  Record<
    string,
    {
      /** It never answers. */
      readonly hang?: boolean
      /** It does what it is asked, but takes its time. */
      readonly lateMs?: number
      /** It does what it is asked, and dies before it answers. */
      readonly dies?: boolean
      /** It answers this, whatever was asked. */
      readonly answer?: object
      /** The same, when it is no JSON. */
      readonly text?: string
      readonly status?: number
    }
  >
>

/** A plugin, a process of its own, that a test starts, ends and makes misbehave. */
export interface PluginProcess extends AsyncDisposable {
  /** Where its socket lies: `<name>.sock`. */
  readonly directory: string
  start(): Promise<void>
  kill(): Promise<void>
  behave(behaviour: Behaviour): void
  /** What it was asked since the last time: `"RequestPool {…}"`, without the kind. */
  news(): readonly string[]
  calls(): readonly PluginCall[]
  /** What it wrote down, as JSON. */
  recall<T>(file: string, fallback: T): T
}

interface PluginStart {
  /** The program's file, in this directory. */
  readonly program: string
  readonly name: string
  /** A command line that runs a program where the plugin is to be. */
  readonly enter?: (command: string, ...args: string[]) => [string, string[]]
}

/** Starts a plugin whose socket is in a directory of its own. */
export async function startPlugin({
  program,
  name,
  enter = (...words) => [words[0], words.slice(1)],
}: PluginStart): Promise<PluginProcess> {
  const directory = mkdtempSync(join(tmpdir(), 'wharf-plugin-'))
  const state = join(directory, 'state')
  mkdirSync(state)
  const words = [join(import.meta.dirname, program), join(directory, `${name}.sock`), state]
  const text = (file: string) => (existsSync(join(state, file)) ? readFileSync(join(state, file), 'utf8') : '')
  const calls = () => text('calls').split('\n').filter(Boolean).map((line) => JSON.parse(line) as PluginCall) // biome-ignore format: one line
  let child: ChildProcess | undefined
  let seen = 0
  const plugin: PluginProcess = {
    directory,
    async start() {
      child = spawn(...enter(process.execPath, ...words), { stdio: ['ignore', 'pipe', 'inherit'] })
      await once(child.stdout!, 'data')
    },
    async kill() {
      if (child === undefined || child.exitCode !== null) return
      const ended = once(child, 'close')
      child.kill('SIGKILL')
      await ended
      child = undefined
    },
    behave(behaviour) {
      writeFileSync(join(state, 'behaviour.new'), JSON.stringify(behaviour))
      renameSync(join(state, 'behaviour.new'), join(state, 'behaviour.json')) // it is read whole, whenever that is
    },
    news() {
      const all = calls()
      const fresh = all.slice(seen)
      seen = all.length
      return fresh.map(({ method, text: body }) =>
        `${method.replace(/^(Ipam|Network)Driver\./, '')} ${body.trim()}`.trim(),
      )
    },
    calls,
    recall: <T>(file: string, fallback: T) => (text(file) === '' ? fallback : (JSON.parse(text(file)) as T)),
    async [Symbol.asyncDispose]() {
      await plugin.kill()
      rmSync(directory, { recursive: true })
    },
  }
  await plugin.start()
  return plugin
}
