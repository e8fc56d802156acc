import { availableParallelism } from 'node:os'
import { setTimeout as setTimeoutOf } from 'node:timers/promises'
import { millisecondsOf } from '../../base/clock.ts'
import type { ContainerParts } from '../container-parts.ts'
import type { Execs } from '../exec/execs.ts'
import type { ContainerRecord } from '../model.ts'
import { endForgottenProbes } from './forgotten-probes.ts'
import { type HealthPlan, planHealth } from './health-plan.ts'
import { type HealthState, nextHealth, type ProbeResult, probeDelayMs, startingHealth } from './next-health.ts'
import { runProbe } from './run-probe.ts'
import { StartQueue } from './start-queue.ts'

/** How long the log of the last probes may be kept in memory only. */
const unwrittenMs = 10_000
/** How long a killed probe is waited for. */
const dyingMs = 2000
/** Probes that begin at one time, for each processor: each of them is a run of the runtime. */
const startsPerProcessor = 4

type MonitorParts = Pick<ContainerParts, 'table' | 'publish' | 'supervisor' | 'pathsOf' | 'log' | 'meters'>

/** One container that is looked after. */
interface Watch {
  readonly plan: HealthPlan
  readonly stop: AbortController
  timer?: NodeJS.Timeout
  /** Settles when the probe that is under way has ended. */
  probe: Promise<void>
  writtenMs: number
}

/** Runs the health checks of all containers that run: a timer for each. */
export class HealthMonitors {
  readonly #parts: MonitorParts
  readonly #execs: Execs
  readonly #watches = new Map<string, Watch>()
  readonly #queue = new StartQueue(startsPerProcessor * availableParallelism())

  constructor(parts: MonitorParts, execs: Execs) {
    this.#parts = parts
    this.#execs = execs
  }

  /** Begins anew for a container that has just been started. */
  begin(record: ContainerRecord): void {
    const plan = planHealth(record.config)
    if (plan === undefined) return
    this.#parts.table.patchState(record.id, { health: startingHealth(record.state.health) })
    this.#watch(record.id, plan, this.#delay(record.id, plan))
  }

  /** Goes on with a container that ran, or was frozen, meanwhile: its health stays what it was until a probe says more. */
  goOn({ id, config, state }: ContainerRecord): void {
    const plan = planHealth(config)
    if (plan === undefined) return
    if (state.health === undefined) this.#parts.table.patchState(id, { health: startingHealth(undefined) })
    this.#watch(id, plan, this.#delay(id, plan))
  }

  /** Takes up a container that an earlier engine looked after: when its next probe is due, but not all at the same moment. */
  takeUp(record: ContainerRecord): void {
    const plan = planHealth(record.config)
    if (plan === undefined) return
    endForgottenProbes(this.#parts, record)
    if (record.state.status !== 'running') return
    const lastMs = millisecondsOf(record.state.health?.log.at(-1)?.end ?? record.state.startedAt)
    const delayMs = this.#delay(record.id, plan)
    const left = lastMs + delayMs - Date.now()
    if (record.state.health === undefined)
      this.#parts.table.patchState(record.id, { health: startingHealth(undefined) })
    this.#watch(record.id, plan, left > 0 ? Math.min(left, delayMs) : Math.random() * Math.min(delayMs, unwrittenMs))
  }

  /** Probes no more, and ends the probe that is under way. Settles when that is gone. */
  async end(id: string): Promise<void> {
    const watch = this.#watches.get(id)
    if (watch === undefined) return
    this.#watches.delete(id)
    clearTimeout(watch.timer)
    watch.stop.abort()
    // One that hangs in the kernel cannot be killed: nobody waits for it for ever.
    await Promise.race([watch.probe, setTimeoutOf(dyingMs, undefined, { ref: false })])
  }

  /** Writes down what is only in memory, and ends all probes: the containers run on. */
  async close(): Promise<void> {
    const ids = [...this.#watches.keys()]
    await Promise.all(ids.map((id) => this.end(id)))
    for (const id of ids) if (this.#parts.table.get(id) !== undefined) this.#parts.table.patchState(id, {})
  }

  #watch(id: string, plan: HealthPlan, delayMs: number): void {
    void this.end(id) // there is none, but for a container that is started and stopped faster than its probe dies
    const watch: Watch = { plan, stop: new AbortController(), probe: Promise.resolve(), writtenMs: Date.now() }
    this.#watches.set(id, watch)
    this.#schedule(id, watch, delayMs)
  }

  #schedule(id: string, watch: Watch, delayMs: number): void {
    watch.timer = setTimeout(() => {
      this.#queue.add(async () => {
        if (watch.stop.signal.aborted) return
        watch.probe = this.#probe(id, watch).catch((error: unknown) => {
          this.#parts.log.error('cannot note a health check', { container: id, error })
        })
        await watch.probe
      })
    }, delayMs)
  }

  async #probe(id: string, watch: Watch): Promise<void> {
    const { plan, stop } = watch
    const { command, timeoutMs } = plan
    const result = await runProbe({ execs: this.#execs, containerId: id, command, timeoutMs, signal: stop.signal })
    const record = this.#parts.table.get(id)
    if (stop.signal.aborted || record?.state.status !== 'running') return
    this.#count(result)
    try {
      this.#note(record, watch, result)
    } finally {
      this.#schedule(id, watch, this.#delay(id, plan)) // also when the disk is full now: later it may not be
    }
  }

  #count({ exitCode }: ProbeResult): void {
    const { healthChecks, failedHealthChecks } = this.#parts.meters
    healthChecks.add()
    if (exitCode !== 0) failedHealthChecks.add()
  }

  #note({ id, state }: ContainerRecord, watch: Watch, result: ProbeResult): void {
    const { table, publish } = this.#parts
    const before: HealthState = state.health ?? startingHealth(undefined)
    const health = nextHealth(
      before,
      result,
      watch.plan,
      millisecondsOf(result.start) - millisecondsOf(state.startedAt),
    )
    const isNews = health.status !== before.status || health.failingStreak !== before.failingStreak
    if (isNews || Date.now() - watch.writtenMs > unwrittenMs) {
      table.patchState(id, { health })
      watch.writtenMs = Date.now()
    } else table.noteState(id, { health })
    if (health.status !== before.status) publish(`health_status: ${health.status}`, table.find(id))
  }

  #delay(id: string, plan: HealthPlan): number {
    const { health, startedAt } = this.#parts.table.find(id).state
    return probeDelayMs(plan, health?.status ?? 'starting', Date.now() - millisecondsOf(startedAt))
  }
}
