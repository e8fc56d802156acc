import { EngineError } from '../../../base/errors.ts'
import { shortId } from '../../../base/id.ts'

/** An interface of the host that a network sits on. */
export interface Parent {
  /** As `ip link` shows it. */
  readonly name: string
  /** True: nobody named one. It is the network's own, and leads nowhere. */
  readonly isOwn: boolean
}

/** What the network's own interface begins with. @source moby, `dummyPrefix` of macvlan and of ipvlan */
const ownPrefixes = { macvlan: 'dm-', ipvlan: 'di-' } as const

/** The drivers that sit on interfaces of the host. */
export type ParentDriver = keyof typeof ownPrefixes

/** The option's name, as Docker's clients write it. */
export const parentLabel = 'parent'

/**
 * The interface that a network is to sit on. Pure.
 *
 * @throws {EngineError} `internal`, with Docker's words, for the loopback interface
 */
export function planParent(driver: ParentDriver, networkId: string, options: Readonly<Record<string, string>>): Parent {
  const name = options[parentLabel] ?? ''
  if (name === 'lo') throw new EngineError('internal', `loopback interface is not a valid ${driver} parent link`)
  return name === '' ? { name: ownParentName(driver, networkId), isOwn: true } : { name, isOwn: false }
}

/** What the interface of a network without a parent is called. */
export function ownParentName(driver: ParentDriver, networkId: string): string {
  return `${ownPrefixes[driver]}${shortId(networkId)}`
}
