import { responseCode } from '../../wire/dns/constants.ts'
import { type Reply, readReply } from '../../wire/dns/reply.ts'
import type { UpstreamServer } from './upstream-server.ts'

/** How long things may take, in milliseconds. */
export interface ForwardTimes {
  /** What a server gets to answer, as in Docker. */
  readonly answerMs: number
  /** What "no such name" from one server waits for a better answer of those before it in the list. */
  readonly graceMs: number
}

/** Gets the answer that won; `undefined` when no server gave one. */
export type RaceDone = (reply: Reply | undefined) => void

/** What a race is run with. */
export interface RaceParts {
  readonly times: ForwardTimes
  readonly servers: readonly UpstreamServer[]
  readonly questionEnd: number
}

/**
 * One question on its way to several servers.
 *
 * Records win at once, whoever has them. "No" wins at once only from the first server that is alive, because the
 * others may not know the names of an inner network; from another one it waits a moment for those before it.
 */
export class ForwardRace {
  readonly #parts: RaceParts
  readonly #done: RaceDone
  readonly #forget = new Map<number, () => void>()
  readonly #pending = new Set<number>()
  /** A truncated answer: better than none if its whole never comes. */
  #part: Reply | undefined
  #no: { readonly reply: Reply; readonly from: number } | undefined
  #deadline: NodeJS.Timeout | undefined
  #grace: NodeJS.Timeout | undefined
  #over = false

  constructor(parts: RaceParts, done: RaceDone) {
    this.#parts = parts
    this.#done = done
  }

  start(render: () => Buffer): void {
    const { servers, times } = this.#parts
    for (const i of servers.keys()) this.#pending.add(i)
    this.#deadline = setTimeout(() => this.#expire(), times.answerMs).unref()
    for (const [i, server] of servers.entries()) {
      const query = render()
      const forget = server.ask(query, (datagram) => this.#hear(i, query, datagram))
      if (forget === undefined) this.#fail(i)
      else if (this.#over) forget()
      else this.#forget.set(i, forget)
    }
    this.#settle()
  }

  #hear(i: number, query: Buffer, datagram: Buffer | undefined): void {
    const server = this.#parts.servers[i]!
    if (datagram === undefined) {
      server.silent = true
      this.#fail(i)
      return
    }
    const reply = readReply(datagram, query, this.#parts.questionEnd)
    if (reply === undefined) {
      if (refusesBlindly(datagram)) this.#fail(i)
      return
    }
    server.silent = false
    if (!reply.truncated) {
      this.#take(i, reply)
      return
    }
    this.#forget.get(i)?.()
    this.#forget.delete(i)
    this.#part = reply
    server.askByTcp(query, this.#parts.times.answerMs, (whole) => {
      const longer = whole && readReply(whole, query, this.#parts.questionEnd)
      this.#take(i, longer ?? reply)
    })
  }

  #take(i: number, reply: Reply): void {
    if (this.#over) return
    if (reply.code === responseCode.SERVFAIL || reply.code === responseCode.REFUSED) this.#fail(i)
    else if (reply.positive || reply.truncated) this.#finish(reply)
    else this.#takeNo(i, reply)
  }

  #takeNo(i: number, reply: Reply): void {
    if (this.#no === undefined || i < this.#no.from) this.#no = { reply, from: i }
    this.#pending.delete(i)
    this.#grace ??= setTimeout(() => this.#expire(), this.#parts.times.graceMs).unref()
    this.#settle()
  }

  #fail(i: number): void {
    this.#pending.delete(i)
    this.#settle()
  }

  /** Ends when nothing that is still to come could change the answer. */
  #settle(): void {
    if (this.#over) return
    const no = this.#no
    const awaited = (i: number) => no === undefined || (i < no.from && !this.#parts.servers[i]!.silent)
    if (!this.#pending.values().some(awaited)) this.#finish(no?.reply)
  }

  /** Who has not answered by now is not waited for the next time either. */
  #expire(): void {
    for (const i of this.#pending) this.#parts.servers[i]!.silent = true
    this.#finish(this.#part ?? this.#no?.reply)
  }

  #finish(reply: Reply | undefined): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#deadline)
    clearTimeout(this.#grace)
    for (const forget of this.#forget.values()) forget()
    this.#done(reply)
  }
}

/** True for a server that does not understand us: it does not even repeat the question. */
function refusesBlindly(datagram: Buffer): boolean {
  return datagram.length >= 12 && datagram.readUInt16BE(4) === 0 && (datagram[3]! & 0x0f) !== 0
}
