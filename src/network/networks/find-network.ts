import { EngineError } from '../../base/errors.ts'
import type { NetworkRecord } from '../model.ts'
import type { NetworkTable } from '../network-table.ts'

/** Several ids begin as the user says. */
export class AmbiguousNetwork extends EngineError {
  /** What Docker says to whoever only looks: the same words in another order. */
  readonly inspectMessage: string

  constructor(ref: string, matches: number) {
    const found = `${matches} matches found based on ID prefix`
    super('invalid-argument', `network ${ref} is ambiguous (${found})`)
    this.inspectMessage = `${found}: network ${ref} is ambiguous`
  }
}

/**
 * Full id, then full name, then id prefix.
 *
 * @throws {EngineError} `not-found`, or `invalid-argument` when several ids begin so; Docker's words
 */
export function findNetwork(table: NetworkTable, nameOrId: string): NetworkRecord {
  const exact = table.network(nameOrId) ?? table.networkNamed(nameOrId)
  if (exact !== undefined) return exact
  const matches = /^[0-9a-f]+$/.test(nameOrId) ? table.networks().filter(({ id }) => id.startsWith(nameOrId)) : []
  if (matches.length > 1) throw new AmbiguousNetwork(nameOrId, matches.length)
  const [match] = matches
  if (match === undefined) throw new EngineError('not-found', `network ${nameOrId} not found`)
  return match
}
