import { writeAnswer, writeCode } from '../../wire/dns/answer.ts'
import { classIN, optBytes, recordType, responseCode } from '../../wire/dns/constants.ts'
import type { Query } from '../../wire/dns/query.ts'
import { writeReply } from '../../wire/dns/reply.ts'
import type { DnsCounts } from '../counts.ts'
import type { Forwarder, Route } from '../forward/forwarder.ts'
import type { Trace } from '../trace.ts'
import type { NameView } from './view.ts'

/** Questions of one container that may wait for other servers, as in Docker; more are refused. */
const forwardsMax = 1024

/** What is said where there is no record to tell. */
const codes = { nodata: responseCode.NOERROR, failed: responseCode.SERVFAIL, refused: responseCode.REFUSED } as const

/** What a container's questions are answered from. Replaced when the daemon says something new. */
export interface ResponderSetup {
  readonly view: NameView
  readonly route: Route
  /** Single-label A and AAAA questions stay here. */
  readonly ndotsSet: boolean
}

/** Who answers questions, whatever they come over. */
export type Answering = Pick<Responder, 'answer' | 'forward'>

/** What a responder works with. */
export interface ResponderParts {
  readonly setup: ResponderSetup
  readonly forwarder: Forwarder
  readonly counts: DnsCounts
  readonly trace: Trace | undefined
}

/** Answers the questions of one container. */
export class Responder {
  setup: ResponderSetup
  readonly #forwarder: Forwarder
  readonly #trace: Trace | undefined
  readonly #counts: DnsCounts
  #forwards = 0

  constructor({ setup, forwarder, counts, trace }: ResponderParts) {
    this.setup = setup
    this.#forwarder = forwarder
    this.#counts = counts
    this.#trace = trace
  }

  /**
   * Turns a query, in place, into its answer when it is known here.
   *
   * @param bytes  the query, with room for `limit` bytes
   * @returns the length of the answer; 0: it must be forwarded
   */
  answer(bytes: Buffer, query: Query, limit: number): number {
    const { view, route, ndotsSet } = this.setup
    if (query.class === classIN) {
      const records = view.find(query.key, query.type)
      if (records !== undefined) {
        this.#trace?.(query, 'own', records.bytes.length / (records.recordBytes || 1))
        this.#counts.answered(query.type, records.bytes.length > 0 ? 'own' : 'nodata')
        return writeAnswer(bytes, query, records, limit)
      }
      if (ndotsSet && isPlainHost(query)) return this.#refuse(bytes, query, 'nodata')
    }
    const cached = this.#forwarder.cached(query, route)
    if (cached !== undefined) {
      this.#trace?.(query, 'cache', cached.reply.code)
      this.#counts.answered(query.type, 'cached')
      return writeReply(bytes, query, cached.reply, cached.ageSeconds, limit)
    }
    if (route.servers.length === 0) return this.#refuse(bytes, query, 'failed')
    return this.#forwards < forwardsMax ? 0 : this.#refuse(bytes, query, 'refused')
  }

  #refuse(bytes: Buffer, query: Query, kind: keyof typeof codes): number {
    this.#counts.answered(query.type, kind)
    return writeCode(bytes, query, codes[kind])
  }

  /**
   * Asks other servers what `answer` did not know.
   *
   * @param message  a copy of the query's question: `send` is called later, with the answer
   */
  forward(message: Buffer, query: Query, limit: number, send: (answer: Buffer) => void): void {
    this.#forwards++
    const begin = performance.now()
    this.#forwarder.ask(message, query, this.setup.route, (reply) => {
      this.#forwards--
      this.#trace?.(query, 'forwarded', reply?.code)
      this.#counts.forwarded(query.type, performance.now() - begin, reply !== undefined)
      const bytes = Buffer.alloc(Math.max(query.questionEnd + optBytes, reply?.bytes.length ?? 0))
      message.copy(bytes, 0, 0, query.questionEnd)
      const length =
        reply === undefined ? writeCode(bytes, query, responseCode.SERVFAIL) : writeReply(bytes, query, reply, 0, limit)
      send(bytes.subarray(0, length))
    })
  }
}

/** A question for the address of a name without a dot. */
function isPlainHost({ key, type }: Query): boolean {
  const single = key.length > 0 && 1 + key.charCodeAt(0) === key.length
  return single && (type === recordType.A || type === recordType.AAAA)
}
