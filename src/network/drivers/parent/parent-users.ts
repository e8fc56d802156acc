import type { ParentDriver } from './parent-name.ts'

/** A network that sits on an interface of the host. */
export interface ParentUser {
  readonly networkId: string
  readonly driver: ParentDriver
  /** True: it cannot be there beside another one. */
  readonly isExclusive: boolean
}

/**
 * Who sits on which interface of the host, over all drivers that do: whoever leaves an interface last takes away what
 * was made for it. Known from the plans that the drivers are given, again after each start.
 */
export class ParentUsers {
  readonly #users = new Map<string, Map<string, ParentUser>>()

  /** Notes a user; again is no matter. */
  add(parent: string, user: ParentUser): void {
    const users = this.#users.get(parent) ?? new Map<string, ParentUser>()
    this.#users.set(parent, users.set(user.networkId, user))
  }

  /** Forgets a user; absent is success. */
  remove(parent: string, networkId: string): void {
    const users = this.#users.get(parent)
    users?.delete(networkId)
    if (users?.size === 0) this.#users.delete(parent)
  }

  /** True while some network sits on it. */
  isUsed(parent: string): boolean {
    return this.#users.has(parent)
  }

  /** The other networks of the same driver on an interface. */
  beside(parent: string, { networkId, driver }: ParentUser): readonly ParentUser[] {
    return [...(this.#users.get(parent)?.values() ?? [])].filter((user) => {
      return user.driver === driver && user.networkId !== networkId
    })
  }

  /** A driver has these networks and no others. */
  keep(driver: ParentDriver, networkIds: ReadonlySet<string>): void {
    for (const [parent, users] of this.#users) {
      for (const user of users.values()) {
        if (user.driver === driver && !networkIds.has(user.networkId)) this.remove(parent, user.networkId)
      }
    }
  }
}
