import { setTimeout } from 'node:timers/promises'
import { EngineError } from '../../base/errors.ts'
import { createId } from '../../base/id.ts'
import { RootedFiles } from '../../kernel/files/rooted-files.ts'
import type { Session, TerminalSize } from '../attach/session.ts'
import { readAccounts } from '../bundle/accounts.ts'
import { defaultPath, mergeVariables, variableOf } from '../bundle/environment.ts'
import type { OciProcess } from '../bundle/oci.ts'
import { resolveUser } from '../bundle/user.ts'
import type { ContainerParts } from '../container-parts.ts'
import type { ExecRecord, ExecRequest } from '../containers.ts'
import { type LinkParts, linkVariables } from '../create/link-variables.ts'
import type { ContainerRecord } from '../model.ts'
import { type CommandProblem, findCommandProblem } from '../process/executables.ts'
import { emptyOutput } from './exec-output.ts'
import { planExecProcess, readBaseProcess } from './exec-process.ts'
import { killExecProcess } from './kill-exec.ts'
import { type ExecRun, runExec } from './run-exec.ts'

/** Ended execs that can still be inspected. */
const remembered = 1000
/** The runtime may not have made it yet, or it may just have made a child. */
const killAgainMs = 20
/** The exit code of an exec that nobody can tell the end of. */
const unknownExit = 126

interface Exec {
  readonly id: string
  readonly containerId: string
  readonly request: ExecRequest
  /** What the container's links come to now, which may be more than what they came to when it started. */
  readonly linkVariables: readonly string[]
  status: 'created' | 'running' | 'ended'
  exitCode?: number
  refused?: boolean
  run?: ExecRun
  /** Asked for while the runtime was still making the terminal. */
  size?: TerminalSize
}

type ExecParts = LinkParts & Pick<ContainerParts, 'supervisor' | 'pathsOf' | 'publish'>

/** The execs of all containers. They live with the engine's process: a later engine does not know them. */
export class Execs {
  readonly #parts: ExecParts
  readonly #execs = new Map<string, Exec>()

  constructor(parts: ExecParts) {
    this.#parts = parts
  }

  /**
   * Keeps a command that may be started once in a running container.
   *
   * @returns the id of the exec
   * @throws {EngineError} `conflict` when the container does not run, `invalid-argument` without a command, or for a user
   *   that the container does not know; `internal` when one that it links to does not run any more
   */
  async create(ref: string, request: ExecRequest): Promise<string> {
    const record = this.#parts.table.find(ref)
    checkRunning(record)
    if (request.command.length === 0) throw new EngineError('invalid-argument', 'No exec command specified')
    if (request.user !== '') this.#checkUser(record, request.user)
    const linked = linkVariables(this.#parts, record)
    const exec: Exec = { id: createId(), containerId: record.id, request, linkVariables: linked, status: 'created' }
    this.#forgetOldest()
    this.#execs.set(exec.id, exec)
    this.#publish('exec_create', exec, record)
    return exec.id
  }

  /**
   * Starts an exec. A command that cannot be run gives a session with Docker's message as its output.
   *
   * @throws {EngineError} `conflict` when it ran already, or the container does not run; `not-found`
   */
  async start(id: string, size?: TerminalSize): Promise<Session> {
    const exec = this.#find(id)
    const record = this.#parts.table.find(exec.containerId)
    if (exec.status !== 'created') throw new EngineError('conflict', `exec command ${id} has already run`)
    checkRunning(record)
    exec.status = 'running'
    this.#publish('exec_start', exec, record)
    try {
      return await this.#run(exec, record, size ?? exec.request.size)
    } catch (error) {
      this.#end(exec, record, unknownExit)
      throw error
    }
  }

  /** @throws {EngineError} `not-found` `No such exec instance: x` */
  inspect(id: string): ExecRecord {
    const { containerId, request, status, exitCode, run, refused } = this.#find(id)
    return {
      id,
      containerId,
      request,
      running: status === 'running',
      pid: run?.pid() ?? 0,
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(refused === undefined ? {} : { refused }),
    }
  }

  /** Kills a running exec with SIGKILL, also one that the runtime is only about to make. Settles when it has ended. */
  async kill(id: string): Promise<void> {
    const exec = this.#execs.get(id)
    while (exec?.status === 'running') {
      const pid = exec.run?.pid() ?? 0
      if (pid > 0) killExecProcess(pid)
      await Promise.race([exec.run?.exited, setTimeout(killAgainMs)])
    }
  }

  /** Ids of a container's execs that have not ended. */
  of(containerId: string): readonly string[] {
    const own = this.#execs.values().filter((exec) => exec.containerId === containerId && exec.status !== 'ended')
    return own.map(({ id }) => id).toArray()
  }

  /** Takes an exec out of memory before its time. */
  forget(id: string): void {
    this.#execs.delete(id)
  }

  /** Sets the size that programs on the exec's terminal see. @throws {EngineError} `conflict` unless it runs */
  async resize(id: string, size: TerminalSize): Promise<void> {
    const exec = this.#find(id)
    if (exec.status !== 'running') throw new EngineError('conflict', `Exec ${id} is not running`)
    if (exec.run === undefined) exec.size = size
    else exec.run.resize(size)
  }

  /** Told at once: once it is started, clients would only hear of a connection that failed. */
  #checkUser(record: ContainerRecord, user: string): void {
    using root = new RootedFiles(this.#parts.supervisor.rootOf(record))
    try {
      resolveUser(user, readAccounts(root))
    } catch (error) {
      throw error instanceof EngineError ? new EngineError('invalid-argument', error.message) : error
    }
  }

  async #run(exec: Exec, record: ContainerRecord, size: TerminalSize | undefined): Promise<Session> {
    const { supervisor, pathsOf } = this.#parts
    const { id, containerId, request } = exec
    const paths = pathsOf(containerId)
    using root = new RootedFiles(supervisor.rootOf(record))
    const process = planExecProcess(request, {
      base: withLinks(readBaseProcess(paths), exec.linkVariables, record),
      accounts: () => readAccounts(root),
      capabilities: supervisor.capabilities,
      size,
    })
    const problem = commandProblem(root, process)
    if (problem !== undefined) return this.#refuse(exec, record, problem)
    const { runtime, poller } = supervisor
    const { streams } = request
    const isProbe = request.isProbe ?? false
    const within = <Result>(start: () => Result) => supervisor.limits.within(containerId, start)
    const parts = { id, containerId, runDir: paths.runDir, runtime, poller, process, streams, isProbe, size, within }
    const run = await runExec(parts)
    exec.run = run
    if (exec.size !== undefined) run.resize(exec.size)
    void run.exited.then((exitCode) => this.#end(exec, record, exitCode))
    return run.session
  }

  #refuse(exec: Exec, record: ContainerRecord, { reason, exitCode }: CommandProblem): Session {
    exec.refused = true
    this.#end(exec, record, exitCode)
    const message = `OCI runtime exec failed: exec failed: unable to start container process: ${reason}: unknown\r\n`
    const over = Promise.resolve()
    const stdout = emptyOutput(over, message)
    return { stdout, closed: over, [Symbol.dispose]: () => void stdout.destroy() }
  }

  #end(exec: Exec, record: ContainerRecord, exitCode: number): void {
    exec.status = 'ended'
    exec.exitCode = exitCode
    this.#publish('exec_die', exec, record)
  }

  #publish(
    action: 'exec_create' | 'exec_start' | 'exec_die',
    { id, request, exitCode }: Exec,
    record: ContainerRecord,
  ): void {
    const name = action === 'exec_die' ? action : `${action}: ${request.command.join(' ')}`
    this.#parts.publish(name, record, {
      execID: id,
      ...(action === 'exec_die' && exitCode !== undefined ? { exitCode: String(exitCode) } : {}),
    })
  }

  /** An exec is known as long as its container is. */
  #find(id: string): Exec {
    const exec = this.#execs.get(id)
    if (exec !== undefined && this.#parts.table.get(exec.containerId) !== undefined) return exec
    this.#execs.delete(id)
    throw new EngineError('not-found', `No such exec instance: ${id}`)
  }

  #forgetOldest(): void {
    if (this.#execs.size < remembered) return
    const oldest = this.#execs.values().find(({ status }) => status !== 'running')
    if (oldest !== undefined) this.#execs.delete(oldest.id)
  }
}

/** What the user has said of a variable counts more than what a link says. */
function withLinks(base: OciProcess, linked: readonly string[], { config }: ContainerRecord): OciProcess {
  if (linked.length === 0) return base
  return { ...base, env: mergeVariables(mergeVariables(base.env, linked), config.Env ?? []) }
}

function checkRunning({ id, state }: ContainerRecord): void {
  if (state.status === 'running') return
  const words = {
    paused: `Container ${id} is paused, unpause the container before exec`,
    restarting: `Container ${id} is restarting, wait until the container is running`,
  } as const
  const { status } = state
  const message = status === 'paused' || status === 'restarting' ? words[status] : `container ${id} is not running`
  throw new EngineError('conflict', message)
}

function commandProblem(root: RootedFiles, { args, cwd, env }: OciProcess): CommandProblem | undefined {
  return findCommandProblem(root, { command: args[0] ?? '', cwd, path: variableOf(env, 'PATH') ?? defaultPath })
}
