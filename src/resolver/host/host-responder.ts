import { writeAnswer, writeCode } from '../../wire/dns/answer.ts'
import { classIN, responseCode } from '../../wire/dns/constants.ts'
import type { Query } from '../../wire/dns/query.ts'
import type { Answering } from '../serving/responder.ts'
import type { HostNames } from './host-names.ts'

/**
 * Answers the host's own programs: names of containers, and nothing else.
 *
 * What is not ours is refused, not forwarded: whoever asks us has other servers, and may be the one that we would ask.
 */
export class HostResponder implements Answering {
  readonly #names: HostNames

  constructor(names: HostNames) {
    this.#names = names
  }

  answer(bytes: Buffer, query: Query, limit: number): number {
    const records = query.class === classIN ? this.#names.find(query.key, query.type) : undefined
    if (records === undefined) return writeCode(bytes, query, responseCode.REFUSED)
    return writeAnswer(bytes, query, records, limit)
  }

  /** Never called: everything has an answer. */
  forward(): void {
    throw new Error('the host resolver forwards nothing')
  }
}
