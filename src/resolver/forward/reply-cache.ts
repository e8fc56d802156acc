import type { Reply } from '../../wire/dns/reply.ts'

interface Kept {
  readonly reply: Reply
  readonly since: number
  readonly until: number
}

/** Bytes that a kept reply takes beside its own: key, offsets, bookkeeping. */
const overheadBytes = 300

/** Replies of other servers, each for as long as its records may be believed. What was not used longest goes first. */
export class ReplyCache {
  readonly #kept = new Map<string, Kept>()
  readonly #maxBytes: number
  readonly #now: () => number
  #bytes = 0

  /** @param parts.now  milliseconds of a clock that never goes back */
  constructor({ maxBytes = 2 ** 21, now = () => performance.now() } = {}) {
    this.#maxBytes = maxBytes
    this.#now = now
  }

  /** The reply that was put for `key` unless it is too old, and its age in whole seconds. */
  get(key: string): { readonly reply: Reply; readonly ageSeconds: number } | undefined {
    const kept = this.#kept.get(key)
    if (kept === undefined) return undefined
    this.#kept.delete(key)
    const now = this.#now()
    if (now >= kept.until) {
      this.#bytes -= sizeOf(key, kept.reply)
      return undefined
    }
    this.#kept.set(key, kept) // a map keeps the order of insertion: now it is the youngest
    return { reply: kept.reply, ageSeconds: Math.floor((now - kept.since) / 1000) }
  }

  /** Keeps a reply; one that must not be told again is not kept. */
  put(key: string, reply: Reply): void {
    if (reply.ttl === 0) return
    this.#remove(key)
    const since = this.#now()
    this.#kept.set(key, { reply, since, until: since + reply.ttl * 1000 })
    this.#bytes += sizeOf(key, reply)
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#maxBytes) break
      this.#remove(oldest)
    }
  }

  #remove(key: string): void {
    const kept = this.#kept.get(key)
    if (kept === undefined) return
    this.#kept.delete(key)
    this.#bytes -= sizeOf(key, kept.reply)
  }
}

function sizeOf(key: string, reply: Reply): number {
  return key.length + reply.bytes.length + overheadBytes
}
