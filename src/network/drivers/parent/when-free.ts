import { setTimeout as delay } from 'node:timers/promises'
import { isErrno } from '../../../base/errors.ts'

/** How long the kernel may take to let go of what was in the namespace of a container that has ended. Milliseconds. */
const patience = 2000
const pause = 5

/**
 * Takes a step that the kernel refuses while a container that has just ended still holds the hardware address, the
 * address or the parent: its namespace is taken apart behind everybody's back.
 *
 * @param busy what it says then
 * @throws {KernelError} what it says when nobody lets go
 */
export async function whenFree<T>(busy: readonly string[], step: () => T): Promise<T> {
  for (const end = performance.now() + patience; ; await delay(pause)) {
    try {
      return step()
    } catch (error) {
      if (!isErrno(error, ...busy) || performance.now() > end) throw error
    }
  }
}
