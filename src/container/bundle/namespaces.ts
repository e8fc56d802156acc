import type { HostConfig } from '../../protocol/container.ts'
import type { OciNamespace } from './oci.ts'

/** Namespaces that exist already. */
export interface NamespaceFacts {
  /** Undefined: the engine's own. */
  readonly network: string | undefined
  /** Of the container that `--pid container:x` names. */
  readonly pid: string | undefined
  readonly cgroupVersion: 1 | 2
}

/** The namespaces of a container: new ones, unless a mode says `host` or names a container. */
export function planNamespaces(
  { PidMode = '', IpcMode = '', UTSMode = '', CgroupnsMode = '' }: HostConfig,
  { network, pid, cgroupVersion }: NamespaceFacts,
): readonly OciNamespace[] {
  const privateCgroup = CgroupnsMode === '' ? cgroupVersion === 2 : CgroupnsMode === 'private'
  return [
    { type: 'mount' },
    ...(network === undefined ? [] : [{ type: 'network', path: network } as const]),
    ...(UTSMode === 'host' ? [] : [{ type: 'uts' } as const]),
    ...(IpcMode === 'host' ? [] : [{ type: 'ipc' } as const]),
    ...(PidMode === 'host' ? [] : [{ type: 'pid', ...(pid === undefined ? {} : { path: pid }) } as const]),
    ...(privateCgroup ? [{ type: 'cgroup' } as const] : []),
  ]
}
