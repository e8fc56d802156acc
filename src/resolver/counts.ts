import { createHistogram, type Histogram, observe } from '../base/meters.ts'
import { recordType } from '../wire/dns/constants.ts'

/**
 * How a question was answered: from our own names, with our own "there is no such record", from what another server said
 * before, by asking one, with SERVFAIL, or not at all (REFUSED).
 */
export const answerKinds = ['own', 'nodata', 'cached', 'forwarded', 'failed', 'refused'] as const
/** One of them. */
export type AnswerKind = (typeof answerKinds)[number]

/** What a resolver has done since it was started. */
export interface ResolverCounts {
  /** Questions by type: `{ A: 12, AAAA: 3, TYPE65: 1 }`. */
  readonly queries: Readonly<Record<string, number>>
  readonly answers: Readonly<Record<AnswerKind, number>>
  /** How long other servers took, in seconds. */
  readonly forwards: Histogram
}

/** Types up to this one are counted apart. */
const typesMax = 256
const names = new Map<number, string>(Object.entries(recordType).map(([name, type]) => [type, name]))
/** Upper limits in seconds: from a cache next door to the time after which nobody waits. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** Counts the questions of all containers: two additions for each. */
export class DnsCounts {
  readonly #types = new Float64Array(typesMax + 1)
  readonly #answers: Record<AnswerKind, number> = { own: 0, nodata: 0, cached: 0, forwarded: 0, failed: 0, refused: 0 }
  readonly #forwards = createHistogram(bounds)

  /** A question, and how it was answered at once. */
  answered(type: number, kind: AnswerKind): void {
    this.#types[Math.min(type, typesMax)]!++
    this.#answers[kind]++
  }

  /** A question that other servers were asked. @param isAnswered  false: none of them had an answer */
  forwarded(type: number, ms: number, isAnswered: boolean): void {
    this.answered(type, isAnswered ? 'forwarded' : 'failed')
    observe(this.#forwards, ms / 1000)
  }

  read(): ResolverCounts {
    const queries: Record<string, number> = {}
    for (const [type, count] of this.#types.entries()) if (count > 0) queries[nameOf(type)] = count
    return { queries, answers: { ...this.#answers }, forwards: this.#forwards }
  }
}

function nameOf(type: number): string {
  return type === typesMax ? 'other' : (names.get(type) ?? `TYPE${type}`)
}
