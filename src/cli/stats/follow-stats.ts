import { containerStats, listContainers } from '../../client/containers.ts'
import { events } from '../../client/system.ts'
import type { Transport } from '../../client/transport.ts'
import type { StatsAnswer } from '../../protocol/stats.ts'

/** What is known of the containers that are followed, by what they are called, in the order in which they are shown. */
export type KnownStats = Map<string, { readonly stats: StatsAnswer | undefined }>

/**
 * Follows containers by their names until the last of them is removed, or the signal aborts.
 *
 * @param known  what is shown: each follower keeps its own up to date, and takes it out when it ends
 * @throws {AggregateError} the failures of those that could not be followed; the others are followed no more
 */
export async function followNamed(transport: Transport, names: readonly string[], known: KnownStats): Promise<void> {
  const followers = names.map((name) => follow(transport, name, known))
  const firsts = await Promise.allSettled(followers.map(({ first }) => first))
  const failures = firsts.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
  if (failures.length > 0) throw new AggregateError(failures)
  await Promise.all(followers.map(({ done }) => done))
}

/**
 * Follows the containers that run, those that are started later as well, until the engine ends.
 *
 * @param all  also those that do not run
 */
export async function followAll(transport: Transport, all: boolean, known: KnownStats): Promise<void> {
  const since = String(Date.now() / 1000)
  for (const { Id } of await listContainers(transport, { all })) follow(transport, Id, known)
  for await (const { Action, Actor } of events(transport, { since, filters: ['type=container'] })) {
    const comes = Action === 'start' || (all && Action === 'create')
    if (comes && !known.has(Actor.ID)) follow(transport, Actor.ID, known)
    if (Action === 'die' && !all) known.delete(Actor.ID)
  }
}

/** One container: `first` when something is known of it, `done` when it is gone, which is no failure. */
function follow(
  transport: Transport,
  name: string,
  known: KnownStats,
): { readonly first: Promise<void>; readonly done: Promise<void> } {
  const first = Promise.withResolvers<void>()
  let shown: { readonly stats: StatsAnswer | undefined } = { stats: undefined }
  known.set(name, shown)
  const done = (async () => {
    try {
      for await (const stats of containerStats(transport, name, true)) {
        if (known.get(name) !== shown) return // it has ended: it is shown no more, or by a follower of its next run
        shown = { stats }
        known.set(name, shown)
        first.resolve()
      }
      first.resolve()
    } catch (error) {
      first.reject(error)
    } finally {
      if (known.get(name) === shown) known.delete(name)
    }
  })()
  first.promise.catch(() => {}) // told to whoever named it; one that is gone already is nobody's failure
  return { first: first.promise, done }
}
