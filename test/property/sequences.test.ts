import { getuid } from 'node:process'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { belongings, leftBehind } from './leaks.ts'
import { emptyModel } from './model.ts'
import type { Operation } from './operation.ts'
import * as containers from './operations/containers.ts'
import { createContainer, createGood } from './operations/create-container.ts'
import * as endpoints from './operations/endpoints.ts'
import { type Intent, likely } from './operations/likely.ts'
import { updateContainer } from './operations/limits.ts'
import * as ports from './operations/live-ports.ts'
import * as networks from './operations/networks.ts'
import * as questions from './operations/questions.ts'
import { traffic } from './operations/traffic.ts'
import * as trouble from './operations/trouble.ts'
import * as volumes from './operations/volumes.ts'
import { State } from './state.ts'
import { crashDuring, pair, type Step, single } from './steps.ts'
import { tallyTable } from './tally.ts'
import { World } from './world.ts'

/** Sequences; the nightly form runs 1000. */
const runs = Number(process.env['PROPERTY_RUNS'] ?? 50)
/** Sequences run in this many worlds at once. */
const lanes = Number(process.env['PROPERTY_LANES'] ?? 2)
/** Seconds after which nothing more is tried, or shrunk. */
const seconds = Number(process.env['PROPERTY_SECONDS'] ?? Math.max(240, runs * 5))
/** The ordinary run tries the same everywhere, so that what fails fails for everybody; the nightly one draws. */
const seed = Number(process.env['PROPERTY_SEED'] ?? (runs > 50 ? Date.now() % 1_000_000 : 1))
/** Where in the tree of attempts one failed, as a failure prints it. */
const [, path, replayPath] = /^([0-9:]*)\/?(.*)$/.exec(process.env['PROPERTY_PATH'] ?? '') ?? []
/** After this many sequences a world is left, with all that a daemon may have gathered. */
const worldLasts = 25

type Weighted<T> = { readonly weight: number; readonly arbitrary: fc.Arbitrary<T> }
const times = <T>(weight: number, arbitrary: fc.Arbitrary<T>): Weighted<T> => ({ weight, arbitrary })

const operation: fc.Arbitrary<Operation> = fc.oneof(
  times(9, networks.createNetwork),
  times(3, networks.removeNetwork),
  times(1, networks.pruneNetworks),
  times(7, createContainer),
  times(14, containers.startContainer),
  times(4, containers.stopContainer),
  times(1, containers.killContainer),
  times(3, containers.restartContainer),
  times(4, containers.removeContainer),
  times(2, containers.renameContainer),
  times(16, endpoints.connect),
  times(7, endpoints.disconnect),
  times(4, ports.publish),
  times(2, ports.unpublish),
  times(3, updateContainer),
  times(1, volumes.createVolume),
  times(2, volumes.removeVolume),
  times(1, volumes.pruneVolumes),
  times(1, questions.inspectNetwork),
  times(2, questions.listNetworks),
  times(1, questions.listWrongly),
)

/** What there is before a sequence begins: two networks and three containers that run, or less. */
const furniture: fc.Arbitrary<Operation[]> = fc
  .tuple(
    networks.createGood('north'),
    networks.createGood('south'),
    ...['kit', 'lou', 'max'].map((name) => createGood(name, ['north', 'south', 'bridge'])),
  )
  .chain(([north, south, ...created]) => {
    const runs = created.flatMap((one, i) => [one, containers.startNamed(['kit', 'lou', 'max'][i]!)])
    return fc.nat(runs.length).map((count) => [north, south, ...runs.slice(0, count)])
  })

const anything: fc.Arbitrary<Intent> = likely(operation)
const concurrent: fc.Arbitrary<Intent> = likely(operation.filter(({ pairs }) => pairs))

const steps: fc.Arbitrary<Step>[] = [
  ...Array.from({ length: 20 }, () => anything.map(single)),
  ...Array.from({ length: 3 }, () => fc.tuple(concurrent, concurrent).map(([one, other]) => pair(one, other))),
  fc.tuple(anything, fc.nat(60)).map(([one, afterMs]) => crashDuring(one, afterMs)),
  trouble.damage,
  trouble.damage,
  trouble.killProcess,
  fc.oneof(times(3, trouble.crash), times(1, trouble.restartDaemon), times(2, trouble.killResolver)),
  fc.constant(traffic),
]

/** A world that sequences share, until one of them fails in it. */
class Lane implements AsyncDisposable {
  #world: World | undefined
  #before: readonly string[] = []
  #served = 0
  /** How many sequences ran, those that shrink another among them. */
  ran = 0
  #failed = false
  readonly #deadline = performance.now() + 1000 * seconds

  async run(furniture: readonly Operation[], sequence: Iterable<Step>): Promise<void> {
    if (performance.now() > this.#deadline) return // fast-check's own limit would not wait for what runs
    this.ran++
    const world = await this.#open()
    // What has been found once is looked for with less patience.
    const patienceMs = this.#failed ? 1_500 : 20_000
    const state = new State(world, emptyModel(), patienceMs)
    try {
      for (const operation of furniture) await single(() => operation).run({}, state)
      await fc.asyncModelRun(() => ({ model: {}, real: state }), sequence as Iterable<fc.AsyncCommand<object, State>>)
      await traffic.run({}, state)
      await this.#clear(world, patienceMs)
    } catch (error) {
      // What a broken sequence leaves is told with it, and the next one begins in a new world.
      const left = await this.#leave().then(() => '', String)
      const told = [...state.story, (error as Error).message, left.slice(0, 500)].join('\n')
      if (!this.#failed) console.log(told)
      this.#failed = true
      throw new Error(`${told}\nthe daemon's log ends:\n${world.daemon.log.slice(-3000)}`, { cause: error })
    }
    if (++this.#served % worldLasts === 0) await this.#leave()
  }

  async #open(): Promise<World> {
    if (this.#world !== undefined) return this.#world
    this.#world = await World.open()
    this.#before = await belongings(this.#world)
    return this.#world
  }

  /** Nothing is left of the sequence once all that it made has been removed. */
  async #clear(world: World, patienceMs: number): Promise<void> {
    const refused = await world.clear()
    if (refused.length > 0) throw new Error(`cannot be removed:\n${refused.join('\n')}`)
    const deadline = performance.now() + patienceMs
    for (;;) {
      const left = leftBehind(this.#before, await belongings(world))
      if (left.length === 0) return
      if (performance.now() > deadline) throw new Error(left.join('\n'))
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }

  async #leave(): Promise<void> {
    const world = this.#world
    this.#world = undefined
    await world?.[Symbol.asyncDispose]()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#leave()
  }
}

const skip = getuid?.() === 0 ? false : 'needs root'

test('sequences of operations, damage and crashes agree with the model', {
  skip,
  concurrency: true,
  timeout: 1000 * (seconds + 120),
}, async (t) => {
  const numbers = path ? [0] : Array.from({ length: lanes }, (_, number) => number)
  await Promise.all(numbers.map((number) => t.test(`lane ${number}`, (t) => inLane(t, seed + number))))
  for (const line of tallyTable()) t.diagnostic(line)
})

async function inLane(t: TestContext, ownSeed: number): Promise<void> {
  t.diagnostic(`PROPERTY_SEED=${ownSeed}`)
  await using lane = new Lane()
  const commands = fc.commands(steps, { maxCommands: 25, size: 'max', ...(replayPath ? { replayPath } : {}) })
  const details = await fc.check(
    fc.asyncProperty(furniture, commands, (operations, sequence) => lane.run(operations, sequence)),
    { seed: ownSeed, numRuns: Math.ceil(runs / lanes), unbiased: true, ...(path ? { path } : {}) },
  )
  t.diagnostic(`${lane.ran} sequences`)
  if (!details.failed) return
  const [, sequence = ''] = details.counterexample ?? []
  const cause = details.errorInstance as Error | undefined
  const [, replay = ''] = /replayPath="([^"]+)"/.exec(String(sequence)) ?? []
  const again = `PROPERTY_SEED=${details.seed} PROPERTY_PATH=${details.counterexamplePath}/${replay} ./wharf test property`
  throw new Error(`after ${lane.ran} sequences:\n${cause?.message}\n\nagain: ${again}`)
}
