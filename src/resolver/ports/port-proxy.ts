import { NetworkNamespace } from '../../kernel/namespace.ts'
import type { PortReservation } from '../protocol.ts'

/** Where a userland proxy carries what it gets. */
export type ProxyTarget = NonNullable<PortReservation['proxyTo']>

/** Where it is carried, by the family that it comes by; what has no target is refused. */
export interface ProxyTargets {
  readonly ipv4?: ProxyTarget
  readonly ipv6?: ProxyTarget
}

/** Carries what reaches a published port and was not redirected by the kernel. */
export interface PortProxy extends Disposable {
  /** From now on, what is new goes there. */
  retarget(targets: ProxyTargets): void
}

/** Calls `open` with the namespace that a target is reached from; `undefined`: this process's own. */
export function withTargetNamespace<T>(target: ProxyTarget, open: (namespace: NetworkNamespace | undefined) => T): T {
  if (target.netnsPath === undefined) return open(undefined)
  using namespace = NetworkNamespace.at(target.netnsPath)
  return open(namespace)
}
