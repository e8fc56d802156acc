import type { TestContext } from 'node:test'
import { KernelError } from '../../src/base/errors.ts'
import { NetlinkSocket } from '../../src/kernel/netlink/netlink-socket.ts'
import { NftContext } from '../../src/kernel/nftables.ts'
import { ResolverConnection } from '../../src/network/dns/resolver-connection.ts'

/** Breaks what an engine does with the world outside it: one step, or that step and all that follow. */
export interface Faults {
  /** Begins to count steps from 1, and breaks the `at`-th. `forGood`: as if the engine had died there. */
  arm(at: number, forGood: boolean): void
  /** Lets everything through again. @returns whether the step that was to break was reached */
  disarm(): boolean
}

/** Stands between the engine and kernel, firewall and resolver, for the time of one test. */
export function injectFaults(t: TestContext): Faults {
  let count = 0
  let at = 0
  let forGood = false
  const step = (): void => {
    if (at === 0) return
    count++
    if (count === at || (forGood && count > at))
      throw new KernelError(`take step ${count}`, 'EIO', 'broken by the test')
  }
  const sync = (target: object, name: string) => {
    const original = (target as Record<string, (...args: unknown[]) => unknown>)[name]!
    t.mock.method(
      target as never,
      name as never,
      function (this: unknown, ...args: unknown[]) {
        step()
        return original.apply(this, args)
      } as never,
    )
  }
  sync(NetlinkSocket.prototype, 'request')
  sync(NetlinkSocket.prototype, 'requestMany')
  sync(NftContext.prototype, 'run')
  const ask = ResolverConnection.prototype.request
  t.mock.method(
    ResolverConnection.prototype,
    'request',
    async function (this: ResolverConnection, ...args: Parameters<typeof ask>) {
      step()
      return ask.apply(this, args)
    },
  )
  return {
    arm(first, all) {
      count = 0
      at = first
      forGood = all
    },
    disarm() {
      const reached = count >= at
      at = 0
      return reached
    },
  }
}
