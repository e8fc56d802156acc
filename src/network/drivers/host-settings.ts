import { isErrno } from '../../base/errors.ts'
import type { NetworkNamespace } from '../../kernel/namespace.ts'
import { ensureSysctl, writeSysctl } from '../../kernel/sysctl.ts'

/**
 * Makes a setting of the host's network have a value, if it can be set. Kernels are built without IPv6, and containers'
 * hosts have /proc read-only: then the default has to do.
 *
 * @returns whether it had another value
 */
export function ensureHostSetting(host: NetworkNamespace, name: string, value: string): boolean {
  return ifThere(() => ensureSysctl(host, name, value)) ?? false
}

/** Like `ensureHostSetting`, without a look at what it was: for an interface that was just made. */
export function writeHostSetting(host: NetworkNamespace, name: string, value: string): void {
  ifThere(() => writeSysctl(host, name, value))
}

function ifThere<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (!isErrno(error, 'ENOENT', 'EROFS')) throw error
    return undefined
  }
}
