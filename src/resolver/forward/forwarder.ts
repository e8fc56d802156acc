import type { Query } from '../../wire/dns/query.ts'
import { type Reply, renderForward } from '../../wire/dns/reply.ts'
import { ForwardRace, type ForwardTimes } from './forward-race.ts'
import type { ReplyCache } from './reply-cache.ts'
import type { UpstreamServer } from './upstream-server.ts'

const defaultTimes: ForwardTimes = { answerMs: 4000, graceMs: 300 }

/** Whom a container's questions go to. Containers with the same `scope` have the same servers, and share replies. */
export interface Route {
  readonly scope: string
  readonly servers: readonly UpstreamServer[]
}

type Done = (reply: Reply | undefined) => void

/** Asks other servers, all of them at once, and keeps what they say. */
export class Forwarder {
  readonly #cache: ReplyCache
  readonly #times: ForwardTimes
  /** Who waits for a question that is under way already. */
  readonly #waiting = new Map<string, Done[]>()

  constructor({ cache, times = defaultTimes }: { cache: ReplyCache; times?: ForwardTimes }) {
    this.#cache = cache
    this.#times = times
  }

  /** What was said to this question before, and is still true. */
  cached(query: Query, route: Route): { readonly reply: Reply; readonly ageSeconds: number } | undefined {
    return this.#cache.get(cacheKey(query, route))
  }

  /**
   * Asks; the first good answer wins. `done` gets `undefined` when no server gave one.
   *
   * @param message  the client's query; only its question is read
   */
  ask(message: Buffer, query: Query, route: Route, done: Done): void {
    const key = cacheKey(query, route)
    const waiting = this.#waiting.get(key)
    if (waiting !== undefined) {
      waiting.push(done)
      return
    }
    const listeners = [done]
    this.#waiting.set(key, listeners)
    const race = new ForwardRace(
      { times: this.#times, servers: route.servers, questionEnd: query.questionEnd },
      (reply) => {
        this.#waiting.delete(key)
        if (reply !== undefined) this.#cache.put(key, reply)
        for (const listener of listeners) listener(reply)
      },
    )
    race.start(() => renderForward(query, message, 0))
  }
}

/** Replies differ by what the client can take and wants checked. */
function cacheKey(query: Query, { scope }: Route): string {
  const wish = (query.edns ? 1 : 0) | (query.dnssecOk ? 2 : 0) | (query.flags & 0x0110)
  return `${scope}/${wish}/${query.type}/${query.class}/${query.key}`
}
