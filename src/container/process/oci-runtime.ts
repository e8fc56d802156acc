import { closeSync, existsSync, readdirSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { EngineError } from '../../base/errors.ts'
import { createPipe } from '../../kernel/descriptors.ts'
import type { Poller } from '../../kernel/poller.ts'
import { findProgram } from '../../kernel/processes/find-program.ts'
import { spawnProgram } from '../../kernel/processes/spawn.ts'

/** What a command of the runtime left. */
export interface RuntimeResult {
  readonly exitCode: number
  readonly stderr: string
}

/** An OCI runtime as a program: `crun`, or any other with the same command line. */
export class OciRuntime {
  /** Absolute: conmon does not look into PATH. */
  readonly path: string
  /** Directory of the runtime's own records, one for each container. */
  readonly root: string
  readonly #poller: Poller

  /** @throws {EngineError} `unavailable` when there is no such program */
  constructor(init: { readonly program: string; readonly root: string; readonly poller: Poller }) {
    this.path = requireProgram(init.program)
    this.root = init.root
    this.#poller = init.poller
  }

  /** Arguments that go before every command. */
  get globalArguments(): readonly string[] {
    return ['--root', this.root]
  }

  /** Whether the runtime has a record of that container. */
  knows(id: string): boolean {
    return existsSync(join(this.root, id))
  }

  /** Ids of all containers that the runtime has records of. */
  list(): readonly string[] {
    return existsSync(this.root) ? readdirSync(this.root).filter((name) => !name.startsWith('.')) : []
  }

  /**
   * Runs one command to its end.
   *
   * @throws {EngineError} `internal` with the runtime's own words when it fails
   */
  async run(command: string, ...words: readonly string[]): Promise<void> {
    const { exitCode, stderr } = await this.#execute([command, ...words])
    if (exitCode === 0) return
    const said = stderr.trim() || `exit code ${exitCode}`
    throw new EngineError('internal', `OCI runtime ${command} failed: ${said}: unknown`)
  }

  async #execute(words: readonly string[]): Promise<RuntimeResult> {
    const { readFd, writeFd } = createPipe()
    const errors = new Socket({ fd: readFd, writable: false })
    const spawned = this.#spawn(words, writeFd)
    const [stderr, exitCode] = await Promise.all([text(errors), spawned])
    return { exitCode, stderr }
  }

  /** A Ctrl-C at the engine's terminal is for the engine alone: the runtime has a session of its own. */
  #spawn(words: readonly string[], stderr: number): Promise<number> {
    using ours = new DisposableStack()
    ours.defer(() => closeSync(stderr))
    const args = [...this.globalArguments, ...words]
    const stdio = ['ignore', 'ignore', stderr] as const
    return spawnProgram({ path: this.path, args, env: runtimeEnvironment(), stdio, poller: this.#poller }).exited
  }
}

/** What the supervisor and the runtime get to see: nothing of the engine's own, such as systemd's sockets. */
export function runtimeEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', TZ: 'UTC' }
}

/** Where a program is that containers need. @throws {EngineError} `unavailable` naming it when it is missing */
export function requireProgram(program: string): string {
  const found = findProgram(program)
  if (found !== undefined) return found
  throw new EngineError(
    'unavailable',
    `Cannot run containers: program "${program}" is missing; install the package of that name`,
  )
}
