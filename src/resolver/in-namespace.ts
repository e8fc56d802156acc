import type { NetworkNamespace } from '../kernel/namespace.ts'

/** Opens a descriptor in a namespace, or in this process's own when there is none. */
export function inNamespace(namespace: NetworkNamespace | undefined, open: () => number): number {
  return namespace === undefined ? open() : namespace.run(open)
}
