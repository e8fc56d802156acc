import { millisecondsOf } from '../../base/clock.ts'
import { EngineError } from '../../base/errors.ts'
import type { ContainerParts } from '../container-parts.ts'
import type { ContainerRecord, ContainerState } from '../model.ts'
import { startProcess } from '../process/start-process.ts'
import { isLive } from './is-live.ts'
import { unpauseContainer } from './pause-container.ts'
import { longestDelayMs, nextRestartDelayMs, shouldRestart } from './restart-policy.ts'
import { takeDown } from './take-down.ts'

/** How a container ended, as its supervisor saw it. */
interface Exit {
  readonly exitCode: number
  readonly oomKilled: boolean
  readonly finishedAt: string
}

/**
 * Takes containers from created to running to exited, and again.
 *
 * Starting and ending hold the container's lock; stopping only signals, and waits for the end that the watcher
 * brings about, so that the two never wait for each other.
 */
export class Lifecycle {
  readonly #parts: ContainerParts
  /** Timers of containers that wait for their restart. */
  readonly #restarts = new Map<string, NodeJS.Timeout>()
  /** Containers in the middle of `restart`: their end is no end. */
  readonly #restarting = new Set<string>()
  readonly #closing = new AbortController()
  /** The engine ends and takes the containers with it: what ends now is started by the next one. */
  #engineEnds = false

  constructor(parts: ContainerParts) {
    this.#parts = parts
  }

  /** @returns false when it ran already */
  async start(ref: string): Promise<boolean> {
    const { table, locks, onAutoRemove } = this.#parts
    const { id } = table.find(ref)
    using _ = await locks.acquire(`container ${id}`)
    const { status } = table.findAgain(id, ref).state
    if (status === 'running') return false
    if (status === 'paused') throw new EngineError('conflict', 'cannot start a paused container, try unpause instead')
    if (status === 'removing' || status === 'dead') {
      throw new EngineError('conflict', 'container is marked for removal and cannot be started')
    }
    this.#forgetRestart(id)
    const { hostConfig } = table.find(id)
    try {
      // As Docker: whoever was stopped stays so when he cannot be started, also for the next engine.
      await this.#run(id, { stoppedByUser: false, restartCount: 0, restartDelayMs: 0 })
    } catch (error) {
      if (hostConfig.AutoRemove) onAutoRemove(id) // it will never end by itself
      throw error
    }
    return true
  }

  /** Signals, waits, and kills when the time is over. @returns false when it was stopped already */
  async stop(ref: string, options: { readonly timeoutSeconds?: number; readonly signal?: string }): Promise<boolean> {
    const { table, publish } = this.#parts
    const record = table.find(ref)
    if (record.state.status === 'restarting') {
      if (!(await this.#cancelRestart(record.id))) return this.stop(ref, options) // it has just been started
      publish('stop', table.get(record.id) ?? record)
      return true
    }
    if (!isLive(record)) return false
    await this.#end(record, options.signal || record.config.StopSignal || 'SIGTERM', options.timeoutSeconds)
    publish('stop', table.get(record.id) ?? record)
    return true
  }

  /** Stops whatever runs, because the engine ends. What waits for its restart goes on waiting. */
  async stopAll(): Promise<void> {
    const { table, log } = this.#parts
    this.#engineEnds = true
    const ends = table
      .list()
      .filter(isLive)
      .map(({ id, name }) =>
        this.stop(id, {}).catch((error: unknown) => log.error('cannot stop container', { container: name, error })),
      )
    await Promise.all(ends)
  }

  async restart(ref: string, options: { readonly timeoutSeconds?: number; readonly signal?: string }): Promise<void> {
    const { table, publish } = this.#parts
    const { id } = table.find(ref)
    this.#restarting.add(id)
    try {
      await this.stop(id, options)
      await this.start(id)
    } finally {
      this.#restarting.delete(id)
    }
    publish('restart', table.find(id))
  }

  /** Sends a signal; waits for the end when it is one that cannot be refused. */
  async kill(ref: string, signal: string): Promise<void> {
    const { table, supervisor } = this.#parts
    const record = table.find(ref)
    const { id } = record
    const number = supervisor.signalNumber(signal)
    if (record.state.status === 'restarting' && (await this.#cancelRestart(id))) return
    if (!isLive(record)) {
      throw new EngineError('conflict', `container ${id} is not running`)
    }
    if (number === supervisor.signalNumber('KILL')) return this.#end(record, signal, undefined)
    const isStop = number === supervisor.signalNumber(record.config.StopSignal || signal)
    const policy = record.hostConfig.RestartPolicy?.Name
    if (isStop || policy === 'unless-stopped') table.patchState(id, { stoppedByUser: true })
    await this.#signal(record, signal)
    if (isStop && table.get(id)?.state.status === 'paused') await unpauseContainer(this.#parts, id)
  }

  /** Watches a container that a previous engine started, and brings its end about when it is over already. */
  adopt(record: ContainerRecord): void {
    this.#watch(record)
    this.#parts.health.takeUp(record)
  }

  /** Lets a container that waited for its restart when the last engine ended wait for what is left of its time. */
  resumeRestart({ id, state }: ContainerRecord): void {
    const dueMs = millisecondsOf(state.finishedAt) + (state.restartDelayMs ?? 0)
    this.#restartIn(id, Math.min(Math.max(0, dueMs - Date.now()), longestDelayMs))
  }

  /** Ends watching and waiting; containers run on. */
  close(): void {
    this.#closing.abort()
    for (const timer of this.#restarts.values()) clearTimeout(timer)
  }

  /** @param state  what else is to be recorded of it once it runs */
  async #run(id: string, state: Partial<ContainerState> = {}): Promise<void> {
    const record = await startProcess(this.#parts, this.#parts.table.find(id), state)
    this.#watch(record)
    this.#parts.health.begin(record)
    this.#parts.publish('start', record)
  }

  #watch(record: ContainerRecord): void {
    const { background, supervisor } = this.#parts
    const signal = this.#closing.signal
    const exited = async (): Promise<Exit | undefined> => {
      using memory = supervisor.watchMemory(record, () => this.#ranOut(record.id))
      const exit = await supervisor.watchExit(record, signal).catch((error: unknown) => {
        if (signal.aborted) return undefined
        throw error
      })
      if (exit !== undefined) memory.look() // it may have been the last thing that happened
      return exit
    }
    background.run(`watch container ${record.id}`, async () => {
      using _ = supervisor.rotateLog(record)
      const exit = await exited()
      if (exit !== undefined) await this.#ended(record, exit)
    })
  }

  async #end(record: ContainerRecord, signal: string, timeoutSeconds: number | undefined): Promise<void> {
    const { table, exits, supervisor, health, background } = this.#parts
    const { id, config } = record
    if (!this.#engineEnds) table.patchState(id, { stoppedByUser: true })
    const ended = exits.next('exit', id)
    background.run(`end the probe of ${id}`, () => health.end(id))
    if (record.state.status === 'paused') await supervisor.resume(record) // frozen processes take no signal
    await this.#signal(record, signal)
    const seconds = timeoutSeconds ?? config.StopTimeout ?? 10
    const timer = seconds < 0 ? undefined : setTimeout(() => this.#killNow(record), seconds * 1000)
    await ended
    clearTimeout(timer)
  }

  async #signal(record: ContainerRecord, signal: string): Promise<void> {
    const { supervisor, publish } = this.#parts
    await supervisor.kill(record, signal)
    publish('kill', record, { signal: String(supervisor.signalNumber(signal)) })
  }

  #killNow(record: ContainerRecord): void {
    const { background, supervisor } = this.#parts
    background.run(`kill container ${record.id}`, () => supervisor.kill(record, 'SIGKILL'))
  }

  async #ended(started: ContainerRecord, exit: Exit): Promise<void> {
    const { id } = started
    const { table, locks, exits, publish, log, onAutoRemove, health, background } = this.#parts
    using _ = await locks.acquire(`container ${id}`)
    const current = table.get(id)
    if (current === undefined || current.state.conmonPid !== started.state.conmonPid) return // ended and started since
    background.run(`end the probe of ${id}`, () => health.end(id))
    const ranForMs = millisecondsOf(exit.finishedAt) - millisecondsOf(current.state.startedAt)
    const execDuration = String(Math.max(0, Math.floor(ranForMs / 1000)))
    publish('die', current, { exitCode: String(exit.exitCode), execDuration })
    // What is left then is found and removed by the next engine: the container has ended all the same.
    await takeDown(this.#parts, current).catch((error: unknown) => log.error('cannot take down', { id, error }))
    const record = table.patchState(id, {
      status: 'exited',
      pid: 0,
      conmonPid: 0,
      ...exit,
      oomKilled: exit.oomKilled || current.state.oomKilled,
    })
    if (!this.#restarting.has(id) && this.#mayRestart(record)) this.#scheduleRestart(record)
    exits.announce('exit', id, { exitCode: exit.exitCode })
    if (record.hostConfig.AutoRemove && !this.#restarting.has(id)) onAutoRemove(id)
  }

  /** The kernel has killed a process of the container, maybe not its first one, for its memory. */
  #ranOut(id: string): void {
    const { table, publish } = this.#parts
    if (table.get(id) !== undefined) publish('oom', table.patchState(id, { oomKilled: true }))
  }

  #mayRestart({ hostConfig, state }: ContainerRecord): boolean {
    return !this.#engineEnds && shouldRestart({ policy: hostConfig.RestartPolicy ?? {}, ...state })
  }

  #scheduleRestart(record: ContainerRecord): void {
    const { id, state } = record
    const ranForMs = millisecondsOf(state.finishedAt) - millisecondsOf(state.startedAt)
    const restartDelayMs = nextRestartDelayMs(state.restartDelayMs ?? 0, ranForMs)
    const restartCount = state.restartCount + 1
    this.#parts.table.patchState(id, { status: 'restarting', restartCount, restartDelayMs })
    if (!this.#closing.signal.aborted) this.#restartIn(id, restartDelayMs)
  }

  #restartIn(id: string, delayMs: number): void {
    const { background } = this.#parts
    const restart = () => background.run(`restart container ${id}`, () => this.#restartNow(id))
    this.#restarts.set(id, setTimeout(restart, delayMs))
  }

  async #restartNow(id: string): Promise<void> {
    const { table, locks, exits } = this.#parts
    using _ = await locks.acquire(`container ${id}`)
    if (this.#engineEnds || table.get(id)?.state.status !== 'restarting') return
    try {
      await this.#run(id)
    } catch (error) {
      exits.announce('exit', id, { exitCode: table.find(id).state.exitCode, error: (error as Error).message })
      throw error
    }
  }

  async #cancelRestart(id: string): Promise<boolean> {
    const { table, locks, exits } = this.#parts
    using _ = await locks.acquire(`container ${id}`)
    if (table.get(id)?.state.status !== 'restarting') return false
    this.#forgetRestart(id)
    const { state } = table.patchState(id, { status: 'exited', stoppedByUser: true })
    exits.announce('exit', id, { exitCode: state.exitCode })
    return true
  }

  #forgetRestart(id: string): void {
    clearTimeout(this.#restarts.get(id))
    this.#restarts.delete(id)
  }
}
